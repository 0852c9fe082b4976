import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ReplicationError } from '@aquifer/engine'
import { FakeTarget } from './fake-target.js'
import { keptStores, open, openReplicating, until } from './open-replicating.js'

// The engine's own timers keep no process alive.
const alive = setInterval(() => {}, 1_000)
after(() => clearInterval(alive))
setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

const WAITING = 100_000
const ROWS = 1_000

test('what waits for a target lies in the store alone, however much that is', async () => {
  const target = new FakeTarget()
  target.before = (call) => {
    if (call !== 'probe') throw new ReplicationError('Unreachable', 'It is down.')
  }
  const stores = await keptStores()
  {
    const { engine, logs } = await openReplicating(target, { stores })
    await logs.put('a', Buffer.from('1'))
    await engine.close()
  }
  // The row of one version, many times.
  const prefix = Buffer.from('qereplication:')
  const { rows } = await stores.kv.scan({ from: prefix, to: Buffer.from('qereplication;'), limit: 10 })
  const [row] = rows
  for (let at = 0; at < WAITING; at += ROWS) {
    const puts = Array.from({ length: ROWS }, (_, n) => {
      const key = Buffer.from(row!.key)
      key.writeUIntBE(at + n + 1_000, key.byteLength - 6, 6)
      return { key, value: row!.value }
    })
    await stores.kv.commit({ checks: [], puts, deletes: [] })
  }
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
