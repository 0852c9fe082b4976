import assert from 'node:assert/strict'
import { type Engine, isEngineError } from '@aquifer/engine'
import {
  History,
  HostileIndex,
  ifCutNow,
  killed,
  powerCut,
  RecordedEngine,
  SimulatedDisk,
  seededRandom,
} from '@aquifer/engine/testing'
import { injectFailures } from './inject-failures.js'
import {
  examine,
  type Machine,
  type OpenOn,
  openSimulatedEngine,
  openSimulatedStores,
} from './simulated-engine.js'
import { useSmallBounds, Workload } from './workload.js'

/** How many outcomes of the cut that ends a life are looked at. */
const OUTCOMES = 3
/** One call of the disk in so many is a moment at which the power may have gone, too. */
const CALLS_BETWEEN_CUTS = 80

useSmallBounds()

export interface Seen {
  readonly cuts: number
  readonly kills: number
  readonly acknowledged: number
}

/**
 * Many lives of one store, each ended by a power cut, a kill or a close; what was promised is checked in the next. What
 * a power cut would have left at many moments on the way is opened too, and held against what was told by then.
 */
export async function live({ seed, fails }: { seed: number; fails: boolean }): Promise<Seen> {
  const seen = { cuts: 0, kills: 0 }
  const random = seededRandom(seed)
  const number = () => Math.floor(random() * 2 ** 32)
  let acknowledged = 0
  const history = new History({ write: (line) => (acknowledged += Number(line.includes('"acknowledged"'))) })
  const capacityBytes = (4 + Math.floor(random() * 28)) * 2 ** 20
  let machine: Machine = {
    disk: new SimulatedDisk({ seed: number(), capacityBytes }),
    index: new HostileIndex({ seed: number() }),
  }
  const check = async (found: Machine, told: History) => {
    found.index.failureRate = 0
    assert.deepEqual(await examine({ machine: found, random }, told), [])
  }
  for (let lives = 2 + Math.floor(random() * 3); lives > 0; lives--) {
    const at = machine.disk.calls + 1 + Math.floor(random() ** 2 * 1_500)
    if (random() < 0.8) machine.disk.inject({ at, fault: { kind: 'power-cut' } })
    if (fails) injectFailures(machine, random)
    const moments = watch(machine, history, seededRandom(number()))
    const engine = await openPerhaps({ machine, random })
    if (engine !== undefined) {
      await work(new RecordedEngine(engine, history), random, number())
      if (random() < 0.2) await engine.close().catch(() => {})
    }
    for (const { left, told } of moments) await check(left, told)
    seen.cuts += moments.length
    if (random() < 0.2) {
      machine = killed(machine)
      seen.kills++
    } else {
      for (let outcome = 1; outcome < OUTCOMES; outcome++)
        await check(powerCut(machine, number()), history.copy())
      machine = powerCut(machine, number())
      seen.cuts += OUTCOMES
    }
    await check(machine, history)
  }
  return { ...seen, acknowledged }
}

interface Moment {
  readonly left: Machine
  readonly told: History
}

/** Keeps what a power cut would leave at moments of chance. What is told afterwards is no part of them. */
function watch(machine: Machine, history: History, random: () => number): Moment[] {
  const moments: Moment[] = []
  machine.disk.inject({
    when: () => {
      if (random() < 1 / CALLS_BETWEEN_CUTS)
        moments.push({ left: ifCutNow(machine, Math.floor(random() * 2 ** 32)), told: history.copy() })
      return false
    },
    fault: { kind: 'error', code: 'EIO' },
  })
  return moments
}

/** A disk may be too ill for the store to open. Then there is nothing to do but to cut its power. */
async function openPerhaps(on: OpenOn): Promise<Engine | undefined> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      return await openSimulatedEngine(await openSimulatedStores(on), on.random)
    } catch (error) {
      if (isEngineError(error, 'StoreDamaged')) throw error
    }
  }
  return undefined
}

async function work(engine: RecordedEngine, random: () => number, seed: number): Promise<void> {
  const workload = new Workload(engine, {
    seed,
    keys: 8,
    writers: 1 + Math.floor(random() * 5),
    listers: random() < 0.5 ? 0 : 1,
    largeBytes: 12_000,
    tolerated: ['StorageUnavailable', 'StorageFull', 'CorruptBlob'], // What cannot be read is called so, too.
    pause: () => new Promise((resolve) => setImmediate(resolve)),
  })
  if (!(await workload.prepare())) return
  const reclaiming = engine.engine.reclaim().catch(() => {})
  await workload.take(Math.floor(random() * 25))
  await reclaiming
  if (random() < 0.5) await engine.engine.reclaim().catch(() => {})
}
