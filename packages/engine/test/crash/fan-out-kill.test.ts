/**
 * A process that makes a thousand objects of one stream is killed in the midst of their commits, again and again on the same
 * directory: each object is whole or absent, and what was stored for those that are absent takes no space.
 *
 * `AQUIFER_FAN_OUT_KILLS`: how often, 4 by default; the long run has 200. `AQUIFER_SEED` decides when.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Engine } from '@aquifer/engine'
import type { BlobStore } from '@aquifer/engine/stores'
import { findViolations, seededRandom } from '@aquifer/engine/testing'
import { fanOutTargets, piecesOf } from './fan-out-kill.js'
import { sizeFrom, tellFigures } from './figures.js'
import { startChild } from './start-child.js'
import { openStores } from './stores.js'

const kills = sizeFrom('AQUIFER_FAN_OUT_KILLS', 4)
const seed = sizeFrom('AQUIFER_SEED', Date.now() % 1_000_000)
const random = seededRandom(seed)
const child = new URL('./fan-out-kill.child.js', import.meta.url)
const BUCKETS = ['first', 'second']
/** By value; in a blob that all share. */
const SIZES = [100, 70_000]

test(`a fan-out that is killed leaves whole objects and nothing else (seed ${seed})`, async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'aquifer-fan-out-kill-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  const directory = join(root, 'data')
  const first = await Engine.open({ stores: await openStores(directory) })
  for (const name of BUCKETS) await first.createBucket(name)
  await first.bucket('second').setConfiguration('versioning', 'enabled')
  await first.close()
  const seen = { kills: 0, 'in the midst': 0, written: 0 }
  for (let round = 1; round <= kills; round++) {
    const sizeBytes = SIZES[round % SIZES.length]!
    const dieAt = Math.floor(random() * 1_100)
    const life = startChild(child, [directory, String(round), String(sizeBytes), String(dieAt)])
    const [code, signal] = await life.ended
    assert.ok(signal === 'SIGKILL' || code === 0, life.complaint())
    const written = await examine(directory, String(round), sizeBytes)
    assert.ok(written <= 1_000 && (signal === 'SIGKILL' || written === 1_000))
    seen.kills += signal === 'SIGKILL' ? 1 : 0
    seen.written += written
    if (written > 0 && written < 1_000) seen['in the midst']++
  }
  tellFigures('fan-outs killed', seen)
})

/** What there is of the stream, all of it right; deletes it. Nothing of it may be left then. */
async function examine(directory: string, name: string, sizeBytes: number): Promise<number> {
  const stores = await openStores(directory)
  const asFound = await findViolations({ ...stores, bytes: false })
  assert.deepEqual(asFound, [])
  const engine = await Engine.open({ stores, background: false })
  try {
    await engine.reclaim()
    const md5 = createHash('md5')
    for (const piece of piecesOf(name, sizeBytes)) md5.update(piece)
    const etag = md5.digest('hex')
    const wanted = new Set(fanOutTargets(name).map(({ bucket, key }) => `${bucket}/${key}`))
    let written = 0
    for (const bucket of BUCKETS)
      for await (const entry of engine.bucket(bucket).listVersions()) {
        assert.ok(entry.type === 'version' && entry.info.isLatest)
        assert.ok(wanted.delete(`${bucket}/${entry.info.key}`), 'written once, and asked for')
        assert.deepEqual([entry.info.etag, entry.info.sizeBytes], [etag, sizeBytes])
        written++
      }
    // Here every byte is read.
    assert.deepEqual(await findViolations({ ...stores, reclaimedAtMs: Date.now() }), [])
    assert.ok((await blobsIn(stores.blobs)) <= (written > 0 && sizeBytes > 1_000 ? 1 : 0))
    for (const bucket of BUCKETS)
      for await (const entry of engine.bucket(bucket).listVersions())
        if (entry.type === 'version')
          await engine.bucket(bucket).delete(entry.info.key, { versionId: entry.info.versionId })
    await engine.reclaim()
    assert.equal(await blobsIn(stores.blobs), 0)
    assert.deepEqual(await findViolations({ ...stores, reclaimedAtMs: Date.now() }), [])
    return written
  } finally {
    await engine.close()
  }
}

async function blobsIn(blobs: BlobStore): Promise<number> {
  let count = 0
  for await (const _ of blobs.list()) count++
  return count
}
