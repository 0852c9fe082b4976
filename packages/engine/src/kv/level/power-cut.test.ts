import test from 'node:test'
import { isEngineError } from '../../errors.js'
import { CommitHistory } from '../../testing/commit-history.js'
import { HostileIndex } from '../../testing/hostile-index.js'
import { seededRandom } from '../../testing/seeded-random.js'
import { SimulatedDisk } from '../../testing/simulated-disk/simulated-disk.js'
import { killed, openSimulatedKv, powerCut, type SimulatedMachine } from '../../testing/simulated-kv.js'
import type { Change, Check, KvStore, RowPut } from '../kv.js'
import type { LevelKvStore } from './level-kv-store.js'

/** Lives of stores; each sees several power cuts. The long run sets a bigger number. */
const LIVES = Number(process.env.AQUIFER_KV_LIVES ?? 60)
const FIRST_SEED = Number(process.env.AQUIFER_SEED ?? 1)
const KEYS = 24
/** How many outcomes of each cut are looked at. */
const OUTCOMES = 4

let cuts = 0

/** Several writers at once, each reading, deciding and committing, over few keys. */
async function work(store: KvStore, history: CommitHistory, random: () => number): Promise<void> {
  const writer = async () => {
    for (let left = Math.floor(random() * 25); left > 0; left--)
      await history.commit(store, await decide(store, random))
  }
  await Promise.all(Array.from({ length: 1 + Math.floor(random() * 5) }, writer))
}

async function decide(store: KvStore, random: () => number): Promise<Change> {
  const keys = new Set(
    Array.from({ length: 1 + Math.floor(random() * 3) }, () => Math.floor(random() * KEYS)),
  )
  const checks: Check[] = []
  const puts: RowPut[] = []
  const deletes: Uint8Array[] = []
  for (const number of keys) {
    const key = Buffer.from(`key${number}`)
    if (random() < 0.5) {
      const row = await store.get(key)
      checks.push(row === undefined ? { key, absent: true } : { key, revision: row.revision })
    }
    const size = random() < 0.1 ? 4_000 : 600
    if (random() < 0.25) deletes.push(key)
    else if (random() < 0.3) puts.push({ key, value: filled(random, 200) })
    else puts.push({ key, value: filled(random, 50), payload: filled(random, size) })
  }
  return { checks, puts, deletes }
}

function filled(random: () => number, sizeMax: number): Uint8Array {
  return Buffer.alloc(Math.floor(random() * sizeMax), Math.floor(random() * 256))
}

/** A store that has lost its disk or its index may say so; anything else is a bug. */
async function unlessUnavailable(act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!isEngineError(error, 'StorageUnavailable')) throw error
  }
}

async function openPerhaps(
  machine: SimulatedMachine,
  random: () => number,
): Promise<LevelKvStore | undefined> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      const checkpointRows = 40 + Math.floor(random() * 200)
      const checkpointBytes = 16 * 1024 + Math.floor(random() * 200_000)
      return await openSimulatedKv(machine, { random, checkpointRows, checkpointBytes })
    } catch (error) {
      if (isEngineError(error, 'StoreDamaged')) throw error
    }
  }
  return undefined
}

function injectFailures({ disk, index }: SimulatedMachine, random: () => number): void {
  index.failureRate = random() < 0.5 ? 0 : 0.02
  const rate = random() * 0.02
  const code = random() < 0.5 ? 'EIO' : 'ENOSPC'
  const kind = random() < 0.5 ? 'error' : 'partial'
  disk.inject({ when: () => random() < rate, times: 1 + Math.floor(random() * 6), fault: { kind, code } })
}

/** Many lives of one store, each ended by a power cut, a kill or a close; what was promised is checked in the next. */
async function live(seed: number, { fails }: { fails: boolean }): Promise<void> {
  const random = seededRandom(seed)
  const number = () => Math.floor(random() * 2 ** 32)
  const history = new CommitHistory()
  const capacityBytes = (1 + Math.floor(random() * 8)) * 2 ** 20
  let machine: SimulatedMachine = {
    disk: new SimulatedDisk({ seed: number(), capacityBytes }),
    index: new HostileIndex({ seed: number() }),
  }
  for (let lives = 2 + Math.floor(random() * 5); lives > 0; lives--) {
    const end = random()
    const at = machine.disk.calls + 1 + Math.floor(random() ** 2 * 400)
    if (end < 0.7) machine.disk.inject({ at, fault: { kind: 'power-cut' } })
    if (fails) injectFailures(machine, random)
    const store = await openPerhaps(machine, random)
    if (store !== undefined) {
      await unlessUnavailable(() => history.check(store))
      await unlessUnavailable(() => work(store, history, random))
      if (end > 0.9) await store.close().catch(() => undefined)
    }
    if (random() < 0.2) machine = killed(machine)
    else {
      for (let outcome = 1; outcome < OUTCOMES; outcome++)
        await checkFound(powerCut(machine, number()), history.copy())
      machine = powerCut(machine, number())
      cuts += OUTCOMES
    }
  }
  await checkFound(machine, history)
}

async function checkFound(machine: SimulatedMachine, history: CommitHistory): Promise<void> {
  machine.index.failureRate = 0
  const store = await openSimulatedKv(machine)
  await history.check(store)
  await store.close()
}

async function liveMany(options: { fails: boolean }): Promise<void> {
  cuts = 0
  for (let seed = FIRST_SEED; seed < FIRST_SEED + LIVES; seed++) {
    try {
      await live(seed, options)
    } catch (error) {
      throw new Error(`AQUIFER_SEED=${seed}: ${error}`, { cause: error })
    }
  }
}

test('through power cuts, kills and closes every acknowledged commit stays, and no other appears', async (t) => {
  await liveMany({ fails: false })
  t.diagnostic(`${cuts} power cuts`)
})

test('so it is when the disk and the index fail on the way, too', async (t) => {
  await liveMany({ fails: true })
  t.diagnostic(`${cuts} power cuts`)
})
