import assert from 'node:assert/strict'
import test from 'node:test'
import { Engine } from '@aquifer/engine'
import { MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** One store, opened again and again by engines whose clocks the test sets. */
class Machine {
  wallMs = Date.parse('2026-06-15T12:00:00.000Z')
  monotonicMs = 5
  readonly #kv = MemoryKvStore.open()
  readonly #clock = { now: () => this.wallMs, monotonic: () => this.monotonicMs }

  constructor() {
    this.#kv.close = async () => {} // It is there for the next engine.
  }

  async open(): Promise<Engine> {
    const stores = { kv: this.#kv, blobs: await MemoryBlobStore.open() }
    return Engine.open({ stores, clock: this.#clock, background: false })
  }

  pass(ms: number): void {
    this.wallMs += ms
    this.monotonicMs += ms
  }
}

const retainUntil = (ms: number) => ({ mode: 'compliance' as const, retainUntil: new Date(ms) })

async function locked(machine: Machine): Promise<Engine> {
  const engine = await machine.open()
  await engine.createBucket('bucket', { objectLock: true })
  await engine
    .bucket('bucket')
    .put('k', Buffer.from('x'), { retention: retainUntil(machine.wallMs + 40 * DAY) })
  return engine
}

/** Shortening stands for whatever a retention forbids. */
const mayBeChanged = async (engine: Engine): Promise<boolean> => {
  try {
    await engine.bucket('bucket').setRetention('k', undefined)
    return true
  } catch {
    return false
  }
}

test('a retention ends when its time has passed', async () => {
  const machine = new Machine()
  await using engine = await locked(machine)
  machine.pass(40 * DAY)
  assert.equal(await mayBeChanged(engine), false, 'its last moment belongs to it')
  machine.pass(1)
  assert.equal(await mayBeChanged(engine), true)
})

test('setting the clock forward while the engine runs ends no retention', async () => {
  const machine = new Machine()
  await using engine = await locked(machine)
  machine.wallMs += 50 * DAY
  assert.equal(await mayBeChanged(engine), false)
  assert.deepEqual(engine.lockTime(), { now: new Date(machine.wallMs - 50 * DAY), isHeldBack: false })
})

test('setting the clock back makes retentions last longer', async () => {
  const machine = new Machine()
  await using engine = await locked(machine)
  machine.pass(41 * DAY)
  machine.wallMs -= 10 * DAY
  assert.equal(await mayBeChanged(engine), false)
})

test('a clock far ahead at the open is not believed until someone confirms it', async () => {
  const machine = new Machine()
  await (await locked(machine)).close()
  machine.wallMs += 50 * DAY
  {
    await using engine = await machine.open()
    assert.equal(engine.lockTime().isHeldBack, true)
    assert.equal(await mayBeChanged(engine), false)
    machine.pass(2 * DAY)
  }
  // Opening once more does not help: what was seen is the time that passed.
  await using engine = await machine.open()
  assert.equal(engine.lockTime().isHeldBack, true)
  assert.equal(await mayBeChanged(engine), false)
  await engine.confirmClock(new Date(machine.wallMs))
  assert.deepEqual(engine.lockTime(), { now: new Date(machine.wallMs), isHeldBack: false })
  assert.equal(await mayBeChanged(engine), true)
})

test('what was confirmed is remembered', async () => {
  const machine = new Machine()
  await (await locked(machine)).close()
  machine.wallMs += 50 * DAY
  {
    await using engine = await machine.open()
    await engine.confirmClock(new Date(machine.wallMs))
  }
  await using engine = await machine.open()
  assert.equal(engine.lockTime().isHeldBack, false)
})

test('a day with the engine closed is a day', async () => {
  const machine = new Machine()
  await (await locked(machine)).close()
  machine.wallMs += 23 * HOUR
  await using engine = await machine.open()
  assert.deepEqual(engine.lockTime(), { now: new Date(machine.wallMs), isHeldBack: false })
})

test('a store without object lock rests on no clock', async () => {
  const machine = new Machine()
  await (await machine.open()).close()
  machine.wallMs += 1_000 * DAY
  await using engine = await machine.open()
  assert.equal(engine.lockTime().isHeldBack, false)
})

test('an engine that enables object lock late sees the time from then on', async () => {
  const machine = new Machine()
  {
    await using engine = await machine.open()
    await engine.createBucket('bucket')
    machine.pass(30 * DAY)
    await engine.bucket('bucket').setConfiguration('versioning', 'enabled')
    await engine.bucket('bucket').setConfiguration('objectLock', {})
  }
  await using engine = await machine.open()
  assert.equal(engine.lockTime().isHeldBack, false)
})
