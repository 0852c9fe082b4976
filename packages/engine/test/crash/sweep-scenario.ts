import assert from 'node:assert/strict'
import {
  type DiskFault,
  findViolations,
  History,
  HostileIndex,
  killed,
  powerCut,
  RecordedEngine,
  SimulatedDisk,
  seededRandom,
} from '@aquifer/engine/testing'
import { enter, type Props, play, scenarios, setScene } from './scenarios.js'
import { examine, type Machine, openSimulatedEngine, openSimulatedStores } from './simulated-engine.js'
import { bytesOf, useSmallBounds } from './workload.js'

const FAULTS: Readonly<Record<FaultName, DiskFault>> = {
  EIO: { kind: 'error', code: 'EIO' },
  ENOSPC: { kind: 'error', code: 'ENOSPC' },
  short: { kind: 'partial', code: 'ENOSPC' },
  'power-cut': { kind: 'power-cut' },
}

export type FaultName = 'EIO' | 'ENOSPC' | 'short' | 'power-cut'

useSmallBounds()

interface Stage {
  readonly machine: Machine
  readonly history: History
  readonly props: Props
}

async function stage(): Promise<Stage> {
  const machine = {
    disk: new SimulatedDisk({ seed: 1, capacityBytes: 16 * 2 ** 20 }),
    index: new HostileIndex({ seed: 1 }),
  }
  const random = seededRandom(1)
  const history = new History()
  const engine = await openSimulatedEngine(await openSimulatedStores({ machine, random }), random)
  const props = await setScene(new RecordedEngine(engine, history))
  await engine.close()
  return { machine, history, props }
}

/** Answers whether the scenario had a k-th call. */
async function strike(base: Stage, name: string, fault: DiskFault, k: number): Promise<boolean> {
  const random = seededRandom(1_000 + k) // Other ids than those on the stage.
  const machine = killed(base.machine)
  const history = base.history.copy()
  const stores = await openSimulatedStores({ machine, random })
  const engine = await openSimulatedEngine(stores, random)
  const recorded = new RecordedEngine(engine, history)
  const injected = machine.disk.inject({ at: machine.disk.calls + k, fault })
  await play(scenarios[name]!(enter(recorded, base.props)))
  injected.remove()
  if (fault.kind !== 'power-cut') {
    await probe(recorded)
    assert.deepEqual(await findViolations({ ...stores, engine, history }), [], 'while it lives')
  }
  if (k % 2 === 0) await engine.close().catch(() => {})
  const after = fault.kind === 'power-cut' || k % 3 > 0 ? powerCut(machine, k) : killed(machine)
  assert.deepEqual(await examine({ machine: after, random }, history), [], 'after its end')
  return injected.struck > 0
}

/** The disk is well again, and so is the engine soon; one that was full looks again after a while. */
async function probe(engine: RecordedEngine): Promise<void> {
  for (const [key, sizeBytes] of [
    ['probe', 10],
    ['probe-large', 2_000],
  ] as const) {
    for (let left = 20; ; left--) {
      try {
        await engine.bucket('red').put(key, bytesOf(sizeBytes, sizeBytes))
        break
      } catch (error) {
        if (left === 0) throw error
      }
    }
  }
}

let base: Stage | undefined

/** Strikes every `step`-th call of the scenario, one after the other. Answers how many it struck. */
export async function sweepScenario({
  name,
  fault,
  step,
}: {
  name: string
  fault: FaultName
  step: number
}): Promise<number> {
  base ??= await stage()
  for (let k = 1, struck = 0; ; k += step, struck++) {
    try {
      if (!(await strike(base, name, FAULTS[fault], k))) return struck
    } catch (error) {
      throw new Error(`With ${fault} at call ${k}: ${error}`, { cause: error })
    }
  }
}
