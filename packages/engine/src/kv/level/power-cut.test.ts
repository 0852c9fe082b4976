import test from 'node:test'
import { isEngineError } from '../../errors.js'
import { CommitHistory } from '../../testing/commit-history.js'
import { HostileIndex } from '../../testing/hostile-index.js'
import { seededRandom } from '../../testing/seeded-random.js'
import { SimulatedDisk } from '../../testing/simulated-disk/simulated-disk.js'
import type { Check, KvStore, RowPut } from '../kv.js'
import { LevelKvStore } from './level-kv-store.js'
import { refuseDamage } from './open-parts.js'

const RUNS = Number(process.env['AQUIFER_POWER_CUTS'] ?? 300)
const FIRST_SEED = Number(process.env['AQUIFER_SEED'] ?? 1)
const KEYS = 24
const SEGMENT_BYTES = 64 * 1024

/** One machine: its disk, its index, and a clock and ids that the seed decides. */
interface Machine {
  readonly disk: SimulatedDisk
  readonly index: HostileIndex
}

function open({ disk, index }: Machine, random: () => number): Promise<LevelKvStore> {
  let time = 0
  return LevelKvStore.openOver({
    directory: '/data',
    disk,
    index,
    clock: { now: () => 0, monotonic: () => (time += 100) },
    ids: { next: () => Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256)) },
    segmentBytes: SEGMENT_BYTES,
    onDamage: refuseDamage('/data'),
    checkpointRows: 40 + Math.floor(random() * 200),
    checkpointBytes: 16 * 1024 + Math.floor(random() * 200_000),
    verifiedAtOpenBytes: 0,
  })
}

/** Several writers at once, each reading, deciding and committing, over few keys. */
async function work(store: KvStore, history: CommitHistory, random: () => number): Promise<void> {
  const writer = async () => {
    for (let left = Math.floor(random() * 25); left > 0; left--) {
      await history.commit(store, await decide(store, random))
    }
  }
  await Promise.all(Array.from({ length: 1 + Math.floor(random() * 5) }, writer))
}

async function decide(store: KvStore, random: () => number) {
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

/** What a store that lost its disk or its index may answer; anything else is a bug. */
async function unlessUnavailable(act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!isEngineError(error, 'StorageUnavailable')) throw error
  }
}

/** Many lives of one store, each ended by a power cut, a kill or a close; what was promised is checked in the next. */
async function live(seed: number, { failures }: { failures: boolean }): Promise<void> {
  const random = seededRandom(seed)
  const history = new CommitHistory()
  const number = () => Math.floor(random() * 2 ** 32)
  let machine: Machine = {
    disk: new SimulatedDisk({ seed: number(), capacityBytes: (1 + Math.floor(random() * 8)) * 2 ** 20 }),
    index: new HostileIndex({ seed: number() }),
  }
  for (let lives = 2 + Math.floor(random() * 5); lives > 0; lives--) {
    const { disk, index } = machine
    const end = random()
    if (end < 0.7) {
      const at = disk.calls + 1 + Math.floor(random() ** 2 * 400)
      disk.inject({ at, fault: { kind: 'power-cut' } })
    }
    if (failures) {
      index.failureRate = random() < 0.5 ? 0 : 0.02
      const rate = random() * 0.02
      const code = random() < 0.5 ? 'EIO' : 'ENOSPC'
      const kind = random() < 0.5 ? 'error' : 'partial'
      disk.inject({ when: () => random() < rate, times: 1 + Math.floor(random() * 6), fault: { kind, code } })
    }
    let store: LevelKvStore | undefined
    for (let tries = 0; store === undefined && tries < 20; tries++) {
      try {
        store = await open(machine, random)
      } catch (error) {
        if (isEngineError(error, 'StoreDamaged')) throw error
      }
    }
    if (store !== undefined) {
      const opened = store
      await unlessUnavailable(() => history.check(opened))
      await unlessUnavailable(() => work(opened, history, random))
      if (end > 0.9) await store.close().catch(() => undefined)
    }
    const cut = random() < 0.8
    machine = cut
      ? { disk: disk.crash(number()), index: index.crash(number()) }
      : { disk: disk.kill(), index: index.kill() }
  }
  machine.index.failureRate = 0
  const store = await open(machine, random)
  await history.check(store)
  await store.close()
}

async function runs(options: { failures: boolean }): Promise<void> {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
    try {
      await live(seed, options)
    } catch (error) {
      throw new Error(`AQUIFER_SEED=${seed}: ${error}`, { cause: error })
    }
  }
}

test('through power cuts, kills and closes every acknowledged commit stays, and no other appears', () =>
  runs({ failures: false }))

test('so it is when the disk and the index fail on the way, too', () => runs({ failures: true }))
