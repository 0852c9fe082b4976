import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Engine, type EngineOptions } from '@aquifer/engine'
import {
  type BlobStore,
  FileBlobStore,
  type KvStore,
  MemoryBlobStore,
  MemoryKvStore,
} from '@aquifer/engine/stores'
import { AsynchronousKvStore, assertInvariants } from '@aquifer/engine/testing'
import fc from 'fast-check'
import { limits } from '../dist/limits.js'
import { LIFECYCLE_DAY_SECONDS } from './model/lifecycle-steps.js'
import type { Step } from './model/step.js'
import { StepClock, StepIds } from './model/step-clock.js'
import { steps } from './model/steps.js'
import { Twin } from './model/twin.js'

/**
 * Random sequences of verbs against the engine and against the reference model, which must agree after every
 * step. `AQUIFER_MODEL_RUNS` multiplies the number of sequences, `AQUIFER_SEED` is theirs; a failure prints its seed and the shortest
 * sequence that fails.
 */
const lifecycleDaySeconds = LIFECYCLE_DAY_SECONDS
const factor = Number(process.env.AQUIFER_MODEL_RUNS ?? 1)
const { AQUIFER_SEED: seed } = process.env

// Small bounds, so that short sequences cross them: parts of a few bytes may be completed, and lists of extents
// leave the record. What a lock kept is looked at again as soon as that has ended. This process runs nothing else.
Object.assign(limits, { partMinBytes: 8, extentsInRecord: 3, extentsPerRow: 2, sweepAgainMs: 1 })

interface Place {
  open(): Promise<EngineOptions>
  /** The stores themselves, where they can be looked at beside an open engine. */
  stores?: { kv: KvStore; blobs: BlobStore }
  blobs(): Promise<BlobStore>
  remove(): Promise<void>
}

/** Stores that outlive the engine over them: closing it leaves them open. */
async function inMemory(over: (kv: KvStore) => KvStore = (kv) => kv): Promise<Place> {
  const kv = over(MemoryKvStore.open())
  const blobs = await MemoryBlobStore.open()
  return {
    stores: { kv, blobs },
    open: async () => ({ stores: { kv: lasting(kv), blobs: lasting(blobs) } }),
    blobs: async () => blobs,
    async remove() {},
  }
}

function lasting<T extends object>(store: T): T {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'close') return async () => {}
      const member = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

async function onDisk(): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-model-'))
  return {
    open: async () => ({ directory }),
    blobs: () => FileBlobStore.open({ directory: join(directory, 'blobs') }),
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

async function run(place: Place, sequence: readonly Step[]): Promise<void> {
  const clock = new StepClock()
  const ids = new StepIds(clock)
  const open = async () =>
    Engine.open({
      ...(await place.open()),
      clock,
      ids,
      inlineMaxBytes: 16,
      background: false,
      lifecycleDaySeconds,
    })
  const twin = new Twin(await open(), clock)
  try {
    for (const step of sequence) {
      clock.advance(1_500)
      if (step.verb === 'reopen') {
        await twin.drainAll()
        await twin.engine.close()
        twin.engine = await open()
      } else {
        await twin.take(step)
      }
    }
    await twin.compareAll()
    if (place.stores !== undefined)
      await assertInvariants({ ...place.stores, bytes: false, lifecycleDaySeconds, nowMs: clock.now() })
    clock.advance(2 * 86_400_000) // No retention lasts longer.
    await twin.removeAll()
    await twin.engine.reclaim() // What is held open must survive this.
    await twin.drainAll()
    clock.advance(limits.completedUploadKeptMs + 1)
    await twin.engine.reclaim()
    await twin.engine.close()
    const left: number[] = []
    for await (const id of (await place.blobs()).list()) left.push(id)
    assert.deepEqual(left, [], 'blobs that nothing names were left behind')
  } finally {
    await twin.engine.close()
    await place.remove()
  }
}

async function compare(openPlace: (seed: number) => Promise<Place>, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), async (sequence, seed) => run(await openPlace(seed), sequence)),
    { numRuns: Math.ceil(numRuns * factor), ...(seed && { seed: Number(seed) }) },
  )
}

test('in memory, the engine does what the model does', () => compare(() => inMemory(), 2_000))

test('over a store that answers late and meets conflicts, the engine does what the model does', () =>
  compare((seed) => inMemory((kv) => new AsynchronousKvStore(kv, { seed })), 300))

test('on disk, the engine does what the model does', () => compare(onDisk, 100))
