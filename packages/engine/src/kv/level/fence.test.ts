import assert from 'node:assert/strict'
import test from 'node:test'
import { isEngineError } from '../../errors.js'
import { HostileIndex } from '../../testing/hostile-index.js'
import type { DiskCall, DiskOperation } from '../../testing/simulated-disk/faults.js'
import { SimulatedDisk } from '../../testing/simulated-disk/simulated-disk.js'
import { killed, openSimulatedKv, powerCut, type SimulatedMachine } from '../../testing/simulated-kv.js'
import type { KvStore } from '../kv.js'

const eio = { kind: 'error', code: 'EIO' } as const
const newMachine = (): SimulatedMachine => ({
  disk: new SimulatedDisk(),
  index: new HostileIndex({ seed: 1 }),
})

function put(store: KvStore, name: string) {
  return store.commit({
    checks: [],
    puts: [{ key: Buffer.from(name), value: Buffer.from('v') }],
    deletes: [],
  })
}

async function outcomeOf(commit: Promise<unknown>): Promise<string> {
  const error = await commit.then(
    () => assert.fail('it was committed'),
    (reason: unknown) => reason,
  )
  assert.ok(isEngineError(error, 'StorageUnavailable'), `${error}`)
  return error.details.outcome
}

async function names(store: KvStore): Promise<string> {
  const { rows } = await store.scan({ from: Buffer.from('a'), to: Buffer.from('z'), limit: 100 })
  return rows.map(({ key }) => Buffer.from(key).toString()).join()
}

async function assertHolds(machine: SimulatedMachine, wanted: string): Promise<void> {
  const store = await openSimulatedKv(machine)
  assert.equal(await names(store), wanted)
  await store.close()
}

/** The segment in use is told by its name under which it was opened: a spare's. */
const calls =
  (...operations: DiskOperation[]) =>
  ({ operation, path }: DiskCall) =>
    operations.includes(operation) && path.startsWith('/data/journal')

for (const operation of ['write', 'sync'] as const) {
  test(`after a ${operation} that failed the commit is absent for good, and the store goes on`, async () => {
    const machine = newMachine()
    const store = await openSimulatedKv(machine)
    await put(store, 'a')
    machine.disk.inject({ when: calls(operation), fault: eio })
    assert.equal(await outcomeOf(put(store, 'b')), 'absent')
    await put(store, 'c')
    assert.equal(await names(store), 'a,c')
    for (let seed = 1; seed <= 20; seed++) await assertHolds(powerCut(machine, seed), 'a,c')
  })
}

test('while no new segment can be begun nobody knows what became of the commit, until one can', async () => {
  const machine = newMachine()
  const store = await openSimulatedKv(machine)
  await put(store, 'a')
  const broken = machine.disk.inject({ when: calls('sync', 'open'), times: 1_000, fault: eio })
  assert.equal(await outcomeOf(put(store, 'b')), 'unknown')
  assert.equal(await outcomeOf(put(store, 'c')), 'absent', 'what was never written is certainly absent')
  assert.equal(await names(store), 'a', 'what was committed can still be read')
  broken.remove()
  await put(store, 'd')
  assert.equal(await names(store), 'a,d')
  for (let seed = 1; seed <= 20; seed++) await assertHolds(powerCut(machine, seed), 'a,d')
})

test('a process that dies before the seal leaves it to the next open, which decides for good', async () => {
  const machine = newMachine()
  const store = await openSimulatedKv(machine)
  await put(store, 'a')
  machine.disk.inject({ when: calls('sync', 'open'), times: 1_000, fault: eio })
  assert.equal(await outcomeOf(put(store, 'b')), 'unknown')
  const after = killed(machine)
  const reopened = await openSimulatedKv(after)
  const found = await names(reopened)
  assert.equal(found, 'a,b', 'the bytes are there for all to see, and are made durable')
  for (let seed = 1; seed <= 20; seed++) await assertHolds(powerCut(after, seed), found)
})

test('all who waited in the failed group hear of it, all who came later are served', async () => {
  const machine = newMachine()
  const store = await openSimulatedKv(machine)
  machine.disk.inject({ when: calls('sync'), fault: eio })
  const first = ['a', 'b', 'c'].map((name) => outcomeOf(put(store, name)))
  await new Promise((resolve) => setImmediate(resolve))
  const later = ['d', 'e'].map((name) => put(store, name))
  assert.deepEqual(await Promise.all(first), ['absent', 'absent', 'absent'])
  for (const outcome of await Promise.all(later)) assert.ok(outcome.committed)
  assert.equal(await names(store), 'd,e')
  await store.close()
})

test('a batch that the index refused is acknowledged all the same, once the index has it from the journal', async () => {
  const machine = newMachine()
  const store = await openSimulatedKv(machine)
  for (let i = 0; i < 40; i++) {
    machine.index.failureRate = i % 2 === 0 ? 0.5 : 0
    const outcome = await put(store, `k${i % 7}`).catch((error) => error)
    if (isEngineError(outcome)) assert.equal(outcome.code, 'StorageUnavailable')
    else assert.equal((await store.get(Buffer.from(`k${i % 7}`)))?.revision, outcome.revision)
  }
  machine.index.failureRate = 0
  await put(store, 'last')
  const found = await names(store)
  assert.ok(found.includes('last'))
  for (let seed = 1; seed <= 20; seed++) await assertHolds(powerCut(machine, seed), found)
})
