/**
 * A reader who takes minutes reads to the end what was opened, although its object is overwritten, deleted and
 * reclaimed meanwhile, and the journal is compacted again and again under it.
 *
 * `AQUIFER_SLOW_SECONDS`: how long the readers take, by the wall's clock; 0 by default. The engine's own clock goes on
 * by days in any case.
 */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Bucket, Engine } from '@aquifer/engine'
import { FileBlobStore, LevelKvStore } from '@aquifer/engine/stores'
import { sizeFrom } from './crash/figures.js'
import { allowSmallParts } from './walk/bounds.js'

allowSmallParts()

const KIB = 1024
const HOUR_MS = 60 * 60 * 1_000
const STOPS = 24
const seconds = sizeFrom('AQUIFER_SLOW_SECONDS', 0)

/** Objects of every kind of body, with their bytes. */
async function putAll(bucket: Bucket): Promise<Map<string, Buffer>> {
  const all = new Map<string, Buffer>()
  const bytes = (seed: number, sizeBytes: number) => Buffer.alloc(sizeBytes, `${seed} `)
  const put = async (key: string, sizeBytes: number) => {
    all.set(key, bytes(all.size, sizeBytes))
    await bucket.put(key, all.get(key)!)
  }
  await put('small', 50 * KIB)
  await put('large', 3_000 * KIB)
  await put('source', 2_000 * KIB)
  await bucket.copy({ key: 'source' }, 'copy')
  all.set('copy', all.get('source')!)
  const lines: Buffer[] = []
  for (let n = 0; n < 100; n++) {
    lines.push(bytes(n, 20 * KIB))
    await bucket.append('lines', lines[n]!)
  }
  all.set('lines', Buffer.concat(lines))
  const upload = await bucket.createUpload('parts')
  const parts = []
  for (let number = 1; number <= 70; number++)
    parts.push(
      await upload.copyPart(number, { key: 'source', range: { offset: number * KIB, length: 30 * KIB } }),
    )
  await upload.complete(parts)
  const pieces = parts.map(({ partNumber }) =>
    all.get('source')!.subarray(partNumber * KIB, (partNumber + 30) * KIB),
  )
  all.set('parts', Buffer.concat(pieces))
  return all
}

test('slow readers read what they opened, whatever becomes of it', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-slow-'))
  t.after(() => rm(directory, { recursive: true }))
  const kv = await LevelKvStore.open({ directory, segmentBytes: 512 * KIB })
  const stores = { kv, blobs: await FileBlobStore.open({ directory: join(directory, 'blobs') }) }
  let nowMs = Date.UTC(2026, 0, 1)
  const clock = { now: () => ++nowMs, monotonic: () => nowMs }
  const engine = await Engine.open({ stores, clock, background: false })
  t.after(() => engine.close())
  await engine.createBucket('bucket')
  const bucket = engine.bucket('bucket')
  const all = await putAll(bucket)
  const readers = []
  for (const [key, bytes] of all) {
    const object = await bucket.get(key)
    const chunks = (object.body as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
    readers.push({ key, bytes, chunks, at: 0 })
  }
  const segmentsBefore = await segmentsIn(directory)
  for (let stop = 0; stop <= STOPS; stop++) {
    for (const reader of readers) {
      // The rest at the last stop; before it, no faster than that something is left for then.
      const until = stop === STOPS ? reader.bytes.byteLength : (reader.bytes.byteLength * stop) / (STOPS + 1)
      while (reader.at < until) {
        const { value, done } = await reader.chunks.next()
        assert.ok(done !== true, `${reader.key} ended at ${reader.at}`)
        const expected = reader.bytes.subarray(reader.at, reader.at + value.byteLength)
        assert.ok(expected.equals(value), `${reader.key} has other bytes at ${reader.at}`)
        reader.at += value.byteLength
      }
    }
    if (stop === 0) for (const key of all.keys()) await bucket.put(key, Buffer.from('something else'))
    if (stop === 1) await bucket.deleteMany([...all.keys()].map((key) => ({ key })))
    for (let n = 0; n < 8; n++) await bucket.put(`churn ${n}`, Buffer.alloc(60 * KIB, stop))
    await engine.reclaim()
    nowMs += 2 * HOUR_MS
    if (seconds > 0) await sleep((seconds * 1_000) / STOPS)
  }
  for (const { key, chunks } of readers) assert.equal((await chunks.next()).done, true, key)
  const segmentsAfter = await segmentsIn(directory)
  const kept = segmentsAfter.filter((name) => segmentsBefore.includes(name))
  assert.ok(kept.length < segmentsBefore.length, 'no segment was compacted, so that nothing was tried')
  await engine.reclaim()
  assert.deepEqual(await blobsIn(stores.blobs), [], 'what nobody reads any more has gone')
})

const segmentsIn = async (directory: string): Promise<string[]> =>
  (await readdir(join(directory, 'journal'))).filter((name) => name.endsWith('.segment'))

async function blobsIn(blobs: FileBlobStore): Promise<number[]> {
  const ids: number[] = []
  for await (const id of blobs.list()) ids.push(id)
  return ids
}
