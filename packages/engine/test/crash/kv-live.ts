import assert from 'node:assert/strict'
import { isEngineError } from '@aquifer/engine'
import type { KvStore } from '@aquifer/engine/stores'
import {
  HostileIndex,
  ifCutNow,
  killed,
  openSimulatedKv,
  powerCut,
  SimulatedDisk,
  seededRandom,
} from '@aquifer/engine/testing'
import { recordSizeBytes } from '../../dist/kv/level/journal/frame.js'
import { CommitHistory } from '../../dist/testing/commit-history.js'
import { injectFailures } from './inject-failures.js'
import type { Machine } from './simulated-engine.js'

type Change = Parameters<KvStore['commit']>[0]

const KEYS = 16
/** Small, so that segments are begun, emptied and recycled within a few dozen commits. */
const SEGMENT_BYTES = 32 * 1024
/** How many outcomes of the cut that ends a life are looked at. */
const OUTCOMES = 3
/** One call of the disk in so many is a moment at which the power may have gone, too. */
const CALLS_BETWEEN_CUTS = 12

export interface KvSeen {
  readonly cuts: number
  readonly commits: number
}

/**
 * Lives of the journal store on one simulated machine, each ended by a power cut, a kill or a close. What a power cut
 * would have left at many moments on the way is opened too, and held against what was promised by then.
 */
export async function liveKv({ seed, fails }: { seed: number; fails: boolean }): Promise<KvSeen> {
  const random = seededRandom(seed)
  const number = () => Math.floor(random() * 2 ** 32)
  const history = new CommitHistory()
  const capacityBytes = (1 + Math.floor(random() * 8)) * 2 ** 20
  let cuts = 0
  let commits = 0
  let machine: Machine = {
    disk: new SimulatedDisk({ seed: number(), capacityBytes }),
    index: new HostileIndex({ seed: number() }),
  }
  const check = async (found: Machine, told: CommitHistory) => {
    cuts++
    await checkFound(found, told)
  }
  for (let lives = 2 + Math.floor(random() * 3); lives > 0; lives--) {
    const end = random()
    const at = machine.disk.calls + 1 + Math.floor(random() ** 2 * 400)
    if (end < 0.7) machine.disk.inject({ at, fault: { kind: 'power-cut' } })
    if (fails) injectFailures(machine, random)
    const moments = watch(machine, history, seededRandom(number()))
    const store = await openPerhaps(machine, random)
    if (store !== undefined) {
      await unlessUnavailable(async () => {
        await history.check(store)
        // What a reader saw has come to stay, also what no process before this one was told of.
        moments.push({ left: ifCutNow(machine, number()), told: history.copy() })
      })
      await unlessUnavailable(async () => {
        commits += await work(store, history, random)
      })
      if (end > 0.9) await store.close().catch(() => undefined)
    }
    for (const { left, told } of moments) await check(left, told)
    if (random() < 0.2) machine = killed(machine)
    else {
      for (let outcome = 1; outcome < OUTCOMES; outcome++)
        await check(powerCut(machine, number()), history.copy())
      machine = powerCut(machine, number())
      cuts++ // Looked at by the next life.
    }
  }
  await checkFound(machine, history)
  return { cuts, commits }
}

interface Moment {
  readonly left: Machine
  readonly told: CommitHistory
}

/** Keeps what a power cut would leave at moments of chance. What is told afterwards is no part of them. */
function watch(machine: Machine, history: CommitHistory, random: () => number): Moment[] {
  const moments: Moment[] = []
  machine.disk.inject({
    when: () => {
      if (random() < 1 / CALLS_BETWEEN_CUTS)
        moments.push({
          left: ifCutNow(machine, Math.floor(random() * 2 ** 32)),
          told: history.copy(),
        })
      return false
    },
    fault: { kind: 'error', code: 'EIO' },
  })
  return moments
}

/** Several writers at once, each reading, deciding and committing, over few keys. */
async function work(store: KvStore, history: CommitHistory, random: () => number): Promise<number> {
  let commits = 0
  const writer = async () => {
    for (let left = Math.floor(random() * 16); left > 0; left--)
      if (await history.commit(store, await decide(store, random))) commits++
  }
  await Promise.all(Array.from({ length: 1 + Math.floor(random() * 4) }, writer))
  return commits
}

async function decide(store: KvStore, random: () => number): Promise<Change> {
  const keys = new Set(
    Array.from({ length: 1 + Math.floor(random() * 3) }, () => Math.floor(random() * KEYS)),
  )
  const checks: Change['checks'][number][] = []
  const puts: Change['puts'][number][] = []
  const deletes: Uint8Array[] = []
  for (const number of keys) {
    const key = Buffer.from(`key${number}`)
    if (random() < 0.5) {
      const row = await store.get(key)
      checks.push(row === undefined ? { key, absent: true } : { key, revision: row.revision })
    }
    const size = random() < 0.1 ? 2_000 : 600
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

async function openPerhaps(machine: Machine, random: () => number): Promise<KvStore | undefined> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      const checkpointRows = 20 + Math.floor(random() * 120)
      const checkpointBytes = 16 * 1024 + Math.floor(random() * 100_000)
      return await openSimulatedKv(machine, {
        random,
        segmentBytes: SEGMENT_BYTES,
        checkpointRows,
        checkpointBytes,
      })
    } catch (error) {
      if (isEngineError(error, 'StoreDamaged')) throw error
    }
  }
  return undefined
}

async function checkFound(machine: Machine, history: CommitHistory): Promise<void> {
  machine.index.failureRate = 0
  const store = await openSimulatedKv(machine, { segmentBytes: SEGMENT_BYTES })
  await history.check(store)
  assert.equal((await store.stat()).liveBytes, await liveBytesIn(store), 'the live bytes are miscounted')
  await store.close()
}

/** Counted anew: what the rows that are there take in the journal. */
async function liveBytesIn(store: KvStore): Promise<number> {
  const { rows } = await store.scan({ from: Uint8Array.of(0), to: Uint8Array.of(255), limit: 10_000 })
  return rows.reduce(
    (sum, { key, value, payloadBytes }) =>
      sum + recordSizeBytes(key.byteLength, value.byteLength, payloadBytes),
    0,
  )
}
