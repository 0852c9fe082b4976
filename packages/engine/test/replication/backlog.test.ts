import assert from 'node:assert/strict'
import test from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { KvStore } from '@aquifer/engine/stores'
import { FakeTarget } from './fake-target.js'
import { keptStores, open, openReplicating, until } from './open-replicating.js'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

const WAITING = 100_000
const ROWS = 1_000

/** The row of the one version that waits, so many times more. */
async function multiply(kv: KvStore, times: number): Promise<void> {
  const prefix = Buffer.from('qereplication:')
  const { rows } = await kv.scan({ from: prefix, to: Buffer.from('qereplication;'), limit: 10 })
  const [row] = rows
  for (let at = 0; at < times; at += ROWS) {
    const puts = Array.from({ length: ROWS }, (_, n) => {
      const key = Buffer.from(row!.key)
      key.writeUIntBE(at + n + 1_000, key.byteLength - 6, 6)
      return { key, value: row!.value }
    })
    await kv.commit({ checks: [], puts, deletes: [] })
  }
}

test('what waits for a target lies in the store alone, however much that is', async () => {
  const target = new FakeTarget()
  target.isDown = true
  const stores = await keptStores()
  {
    const { engine, logs } = await openReplicating(target, { stores })
    await logs.put('a', Buffer.from('1'))
    await engine.close()
  }
  await multiply(stores.kv, WAITING)
  collect()
  const before = process.memoryUsage().heapUsed
  await using engine = await open(target, { stores })
  const calls = target.calls.length
  await until(() => target.calls.length > calls)
  assert.equal((await engine.replication.status())[0]!.waiting, WAITING + 1)
  collect()
  const grown = process.memoryUsage().heapUsed - before
  assert.ok(grown < 8 * 1024 ** 2, `${grown} bytes`)
})

test('a resync puts no more in line while many wait', async () => {
  const target = new FakeTarget()
  target.isDown = true
  const stores = await keptStores()
  const {
    engine: first,
    logs,
    arn,
  } = await openReplicating(target, {
    stores,
    rule: { existingObjects: 'enabled' },
  })
  await logs.put('a', Buffer.from('1'))
  await first.close()
  await multiply(stores.kv, 10_000)
  await using engine = await open(target, { stores })
  await engine.replication.resync(arn)
  for (let turns = 0; turns < 300; turns++) await new Promise(setImmediate)
  assert.equal((await engine.replication.status())[0]!.waiting, 10_001)
  target.isDown = false
  await until(async () => (await engine.replication.resyncStatus('logs'))[0]!.status === 'completed')
  assert.deepEqual(target.holds, ['a=1'])
})
