/**
 * Retentions of compliance on a simulated disk whose power goes at a moment of chance: what a caller was told is kept
 * is kept after every cut, although others try to remove it and to shorten it all the time.
 *
 * `AQUIFER_LIVES`: lives of an engine. `AQUIFER_SEED`: the first store's seed; a failure names the one that fails.
 */
import assert from 'node:assert/strict'
import test from 'node:test'
import { type Bucket, type Engine, isEngineError } from '@aquifer/engine'
import {
  findViolations,
  HostileIndex,
  powerCut,
  type RetainedVersion,
  SimulatedDisk,
  seededRandom,
} from '@aquifer/engine/testing'
import { sizeFrom, tellFigures } from './figures.js'
import { type Machine, type OpenOn, openSimulatedEngine, openSimulatedStores } from './simulated-engine.js'

const stores = sizeFrom('AQUIFER_LIVES', 6)
const firstSeed = sizeFrom('AQUIFER_SEED', 1)
const LIVES = 4
const STEPS = 25
const DAY = 86_400_000

class Writer {
  readonly retained = new Map<string, RetainedVersion>()
  refused = 0
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  async work(engine: Engine): Promise<void> {
    const bucket = engine.bucket('locked')
    try {
      await engine.createBucket('locked', { objectLock: true }).catch((error) => {
        if (!isEngineError(error, 'BucketAlreadyOwnedByYou')) throw error
      })
      for (let step = 0; step < STEPS; step++) await this.#step(bucket, this.#until(engine))
    } catch (error) {
      if (!isEngineError(error, 'StorageUnavailable') && !isEngineError(error, 'StorageFull')) throw error
    }
  }

  #until(engine: Engine): Date {
    return new Date(engine.lockTime().now.getTime() + Math.ceil(this.#random() * 100) * DAY)
  }

  async #step(bucket: Bucket, retainUntil: Date): Promise<void> {
    const retention = { mode: 'compliance', retainUntil } as const
    const known = [...this.retained.values()]
    const one = known[Math.floor(this.#random() * known.length)]
    const kind = Math.floor(this.#random() * 4)
    if (one === undefined || kind === 0) {
      const key = `k${Math.floor(this.#random() * 3)}`
      const body = Buffer.alloc(this.#random() < 0.3 ? 2_000 : 20, key)
      this.#note(key, await bucket.put(key, body, { retention }))
    } else if (kind === 1) {
      const which = { versionId: one.versionId, bypassGovernance: true }
      const isLonger = retainUntil >= one.retainUntil
      if (isLonger) this.#note(one.key, await bucket.setRetention(one.key, retention, which))
      else await this.#refuse(bucket.setRetention(one.key, retention, which))
    } else if (kind === 2) {
      await this.#refuse(bucket.delete(one.key, { versionId: one.versionId, bypassGovernance: true }))
    } else {
      await bucket.delete(one.key)
    }
  }

  #note(key: string, info: { versionId?: string; retention?: { retainUntil: Date } }): void {
    const versionId = info.versionId!
    const { retainUntil } = info.retention!
    this.retained.set(versionId, { bucket: 'locked', key, versionId, retainUntil })
  }

  async #refuse(asked: Promise<unknown>): Promise<void> {
    // A retention whose answer was lost may be longer than what is known of it: then more is refused, never less.
    await assert.rejects(asked, (error) => {
      if (isEngineError(error, 'AccessDenied')) this.refused++
      else throw error
      return true
    })
  }
}

/** The power may go while it opens. */
async function openPerhaps(on: OpenOn): Promise<Engine | undefined> {
  try {
    return await openSimulatedEngine(await openSimulatedStores(on), on.random)
  } catch (error) {
    if (isEngineError(error, 'StoreDamaged')) throw error
    return undefined
  }
}

test('through power cuts no retention of compliance is shortened, and no version that one keeps is lost', async () => {
  const seen = { retained: 0, refused: 0, cuts: 0 }
  for (let seed = firstSeed; seed < firstSeed + stores; seed++) {
    const random = seededRandom(seed)
    const number = () => Math.floor(random() * 2 ** 32)
    const writer = new Writer(random)
    let machine: Machine = {
      disk: new SimulatedDisk({ seed: number(), capacityBytes: 16 * 2 ** 20 }),
      index: new HostileIndex({ seed: number() }),
    }
    for (let life = 0; life < LIVES; life++) {
      const at = machine.disk.calls + 20 + Math.floor(random() * 120)
      machine.disk.inject({ at, fault: { kind: 'power-cut' } })
      const engine = await openPerhaps({ machine, random })
      if (engine !== undefined) await writer.work(engine)
      machine = powerCut(machine, number())
      seen.cuts++
      const found = await openSimulatedStores({ machine, random })
      await using next = await openSimulatedEngine(found, random)
      const retained = [...writer.retained.values()]
      assert.deepEqual(
        await findViolations({ ...found, engine: next, retained }),
        [],
        `AQUIFER_SEED=${seed} AQUIFER_LIVES=1`,
      )
    }
    seen.retained += writer.retained.size
    seen.refused += writer.refused
  }
  assert.ok(seen.retained > 0 && seen.refused > 0)
  tellFigures('retentions through power cuts', seen)
})
