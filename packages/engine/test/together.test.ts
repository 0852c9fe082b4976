import assert from 'node:assert/strict'
import test from 'node:test'
import { type Bucket, Engine, isEngineError } from '@aquifer/engine'
import { type KvStore, MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'
import { AsynchronousKvStore } from '@aquifer/engine/testing'
import { limits } from '../dist/limits.js'

/**
 * Many workers on few keys at once, over a store that answers late, in any order, and meets conflicts. Whatever
 * is read is whole and of one write; when all is removed, no blob is left. `AQUIFER_SEED` repeats the choices of a run, though not the order in which the system answers.
 */
Object.assign(limits, { partMinBytes: 8, extentsInRecord: 3, extentsPerRow: 2 })
const seed = Number(process.env.AQUIFER_SEED ?? Math.floor(Math.random() * 2 ** 31))

function randomOf(start: number): (below: number) => number {
  let state = start
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** What other workers' doings may rightly cause. */
const expected = [
  'NoSuchKey',
  'NoSuchUpload',
  'InvalidPart',
  'OperationAborted',
  'PreconditionFailed',
  'InvalidRequest',
]

const keys = ['a', 'b', 'c']

async function work(
  engine: Engine,
  photos: Bucket,
  random: (below: number) => number,
  worker: number,
): Promise<void> {
  const key = keys[random(keys.length)]!
  const other = keys[random(keys.length)]!
  const bytes = new Uint8Array(8 + random(60)).fill(worker)
  switch (random(8)) {
    case 0:
    case 1:
      await photos.put(key, bytes)
      return
    case 2:
      await photos.copy({ key: other }, key, random(2) === 0 ? {} : { replace: { contentType: 'x' } })
      return
    case 3:
      await photos.delete(key)
      return
    case 4: {
      const upload = await photos.createUpload(key)
      const parts = []
      for (let partNumber = 1; partNumber <= 1 + random(6); partNumber++)
        parts.push(
          random(3) > 0
            ? await upload.putPart(partNumber, bytes.subarray(0, 8))
            : await upload.copyPart(partNumber, { key: other }),
        )
      const asked = [upload.complete(parts), random(2) === 0 ? upload.complete(parts) : upload.abort()]
      for (const outcome of await Promise.allSettled(asked))
        if (outcome.status === 'rejected') throw outcome.reason
      return
    }
    case 5:
      return engine.reclaim()
    default: {
      await using object = await photos.get(key)
      for (let waiting = random(20); waiting > 0; waiting--)
        await new Promise((resolve) => setImmediate(resolve))
      const found = await object.bytes()
      assert.equal(found.byteLength, object.info.sizeBytes)
      if (object.info.partCount === undefined)
        assert.ok(
          found.every((byte) => byte === found[0]),
          'the bytes of two writes were mixed',
        )
    }
  }
}

async function compete(kv: KvStore, background: boolean): Promise<void> {
  const blobs = await MemoryBlobStore.open()
  const list = blobs.list.bind(blobs)
  let nowMs = Date.UTC(2026, 0, 1)
  const clock = { now: () => nowMs, monotonic: () => nowMs }
  await using engine = await Engine.open({ stores: { kv, blobs }, inlineMaxBytes: 16, background, clock })
  await engine.createBucket('photos')
  const photos = engine.bucket('photos')
  const random = randomOf(seed)
  const workers = Array.from({ length: 24 }, async (_, worker) => {
    for (let step = 0; step < 40; step++) {
      try {
        await work(engine, photos, random, worker)
      } catch (error) {
        if (!(isEngineError(error) && expected.includes(error.code))) throw error
      }
    }
  })
  await Promise.all(workers)
  for (const key of keys) await photos.delete(key)
  await photos.remove()
  nowMs += 2 * limits.completedUploadKeptMs
  await engine.reclaim()
  const left: number[] = []
  for await (const id of list()) left.push(id)
  assert.deepEqual(left, [], 'blobs that nothing names were left behind')
}

for (const background of [false, true]) {
  test(`many at once on few keys, ${background ? 'reclaiming all the while' : 'reclaiming when asked to'} (seed ${seed})`, () =>
    compete(new AsynchronousKvStore(MemoryKvStore.open(), { seed, conflictRate: 0.05 }), background))
}

test(`many at once on few keys, in memory (seed ${seed})`, () => compete(MemoryKvStore.open(), true))
