import assert from 'node:assert/strict'
import test from 'node:test'
import { isEngineError } from '../../errors.js'
import { HostileIndex } from '../../testing/hostile-index.js'
import { SimulatedDisk } from '../../testing/simulated-disk/simulated-disk.js'
import { openSimulatedKv, type SimulatedMachine } from '../../testing/simulated-kv.js'
import type { KvHealth, KvStore } from '../kv.js'

const newMachine = (): SimulatedMachine => ({
  disk: new SimulatedDisk(),
  index: new HostileIndex({ seed: 1 }),
})
const put = (store: KvStore, name: string) =>
  store.commit({ checks: [], puts: [{ key: Buffer.from(name), value: Buffer.alloc(1) }], deletes: [] })

const whole: KvHealth = { isServing: true, writes: 'all', isVerified: true, quarantinedFiles: 0 }

test('a store in which nothing is wrong says so', async () => {
  const store = await openSimulatedKv(newMachine())
  assert.deepEqual(store.health(), whole)
  await store.close()
  assert.throws(
    () => store.health(),
    (error) => isEngineError(error, 'EngineClosed'),
  )
})

test('while no segment can be begun it says that nothing is written, and when one can, that all is', async () => {
  const machine = newMachine()
  const store = await openSimulatedKv(machine)
  await put(store, 'a')
  const broken = machine.disk.inject({
    when: ({ operation }) => operation === 'sync' || operation === 'open',
    times: 1_000,
    fault: { kind: 'error', code: 'EIO' },
  })
  await assert.rejects(put(store, 'b'))
  assert.deepEqual(store.health(), { ...whole, writes: 'none' })
  assert.notEqual(await store.get(Buffer.from('a')), undefined)
  broken.remove()
  await put(store, 'b')
  assert.deepEqual(store.health(), whole)
  await store.close()
})

test('an index found damaged serves no more, and asking for the health has it made anew', async () => {
  const { disk, index } = newMachine()
  let tell = (_damage: string) => {}
  const told = new Promise<string>((resolve) => {
    tell = resolve
  })
  let looks = 0
  const location = Object.assign(index, {
    async open() {
      const opened = await HostileIndex.prototype.open.call(index)
      return Object.assign(opened, { findDamage: async () => (looks++ === 0 ? told : undefined) })
    },
  })
  const first = await openSimulatedKv({ disk, index: location })
  await put(first, 'a')
  await first.close() // It was made new and so is taken for verified; the next open looks at it.

  const store = await openSimulatedKv({ disk, index: location })
  assert.deepEqual(store.health(), { ...whole, isVerified: false })
  tell('a table is damaged')
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(store.health(), { ...whole, isServing: false, isVerified: false })
  while (!store.health().isServing) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(store.health(), whole)
  assert.notEqual(await store.get(Buffer.from('a')), undefined)
  await store.close()
})
