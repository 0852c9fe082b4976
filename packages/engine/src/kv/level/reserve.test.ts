import assert from 'node:assert/strict'
import test from 'node:test'
import { isEngineError } from '../../errors.js'
import { CommitHistory } from '../../testing/commit-history.js'
import { HostileIndex } from '../../testing/hostile-index.js'
import { SimulatedDisk } from '../../testing/simulated-disk/simulated-disk.js'
import { openSimulatedKv, powerCut } from '../../testing/simulated-kv.js'
import type { KvStore } from '../kv.js'

const key = (i: number) => Buffer.from(`key${i}`)
const change = (i: number) => ({
  checks: [],
  puts: [{ key: key(i), value: Buffer.alloc(9), payload: Buffer.alloc(6_000, i) }],
  deletes: [],
})

/** Puts until the store says that it is full. Answers how many went through. */
async function fill(store: KvStore, history: CommitHistory): Promise<number> {
  for (let i = 0; i < 2_000; i++) {
    if (await history.commit(store, change(i))) continue
    const refusal = await store.commit(change(i)).then(
      () => undefined,
      (error) => error,
    )
    if (isEngineError(refusal, 'StorageFull')) return i
    if (refusal !== undefined) assert.ok(isEngineError(refusal, 'StorageUnavailable'), `${refusal}`)
  }
  return assert.fail('the disk never filled')
}

test('on a full disk puts are refused, deletes go through, and after them puts again; nothing is lost', async () => {
  const disk = new SimulatedDisk({ capacityBytes: 2 * 2 ** 20 })
  const machine = { disk, index: new HostileIndex({ seed: 1 }) }
  const history = new CommitHistory()
  const store = await openSimulatedKv(machine)
  const filled = await fill(store, history)
  assert.ok(filled > 100)
  assert.equal(store.health().writes, 'freeing')

  const small = { checks: [], puts: [{ key: key(0), value: Buffer.alloc(1) }], deletes: [] }
  await assert.rejects(store.commit(small), (error) => isEngineError(error, 'StorageFull'))
  assert.ok((await store.commit({ ...small, freesSpace: true })).committed, 'what frees space may put, too')
  await store.commit({ checks: [], puts: [], deletes: [key(0)] })

  for (let i = 1; i < filled; i++) await store.commit({ checks: [], puts: [], deletes: [key(i)] })
  // Compaction has made room when the store takes puts again.
  for (let tries = 0; store.health().writes !== 'all' && tries < 500; tries++) {
    await store.commit({ checks: [], puts: [], deletes: [key(0)] })
    await store.commit(change(1)).catch(() => undefined)
  }
  assert.equal(store.health().writes, 'all')
  assert.ok((await store.commit(change(7))).committed)

  const reopened = await openSimulatedKv(powerCut(machine, 5))
  const row = await reopened.get(key(7))
  assert.deepEqual(
    Buffer.from((await reopened.readPayload(key(7), row!.revision)) as Uint8Array),
    Buffer.alloc(6_000, 7),
  )
  await reopened.close()
})

test('what was acknowledged before the disk was full is there after a power cut on the full disk', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const disk = new SimulatedDisk({ seed, capacityBytes: 2 ** 20 + seed * 50_000 })
    const machine = { disk, index: new HostileIndex({ seed }) }
    const history = new CommitHistory()
    const store = await openSimulatedKv(machine)
    await fillHistory(store, history)
    const after = await openSimulatedKv(powerCut(machine, seed))
    await history.check(after)
    await after.close()
  }
})

async function fillHistory(store: KvStore, history: CommitHistory): Promise<void> {
  let refused = 0
  for (let i = 0; i < 1_000 && refused < 10; i++) if (!(await history.commit(store, change(i)))) refused++
  assert.equal(refused, 10)
}
