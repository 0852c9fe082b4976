import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import test, { type TestContext } from 'node:test'
import { type Bucket, Engine } from '@aquifer/engine'
import { FileBlobStore, LevelKvStore, type Row } from '@aquifer/engine/stores'
import { assertInvariants } from '@aquifer/engine/testing'
import { allowSmallParts } from './walk/bounds.js'

allowSmallParts()

const KIB = 1024
const DAY_MS = 24 * 60 * 60 * 1_000
const SMALL = 1 * KIB
const LARGE = 100 * KIB

/** One of everything that makes rows or files. */
async function doAll(engine: Engine): Promise<void> {
  const bytes = (sizeBytes: number) => Buffer.alloc(sizeBytes, sizeBytes)
  const makeObjects = async (bucket: Bucket) => {
    for (const [key, sizeBytes] of Object.entries({ none: 0, small: SMALL, large: LARGE }))
      await bucket.put(key, bytes(sizeBytes), { tags: { a: 'b' } })
    await bucket.put('over', bytes(LARGE))
    await bucket.put('over', bytes(SMALL))
    await bucket.copy({ key: 'large' }, 'copy')
    await bucket.copy({ key: 'small' }, 'small copy')
    await bucket.fanOut(bytes(LARGE), [{ key: 'first of many' }, { key: 'over' }, { key: 'next of many' }])
    await bucket.fanOut(bytes(SMALL), [{ key: 'first of many' }, { key: 'small of many' }])
    await bucket.fanOut(bytes(LARGE), [{ key: 'all' }, { key: 'small of many' }], { atomic: true })
    await bucket.setTags('large', { c: 'd' })
    await assert.rejects(bucket.put('refused', bytes(LARGE), { contentMd5: '1B2M2Y8AsgTpgAmY7PhCfg==' }))
    await assert.rejects(bucket.put('refused', bytes(LARGE), { ifMatch: 'x' }))
  }
  const makeUploads = async (bucket: Bucket) => {
    const whole = await bucket.createUpload('many parts')
    const parts = [await whole.putPart(1, bytes(LARGE)), await whole.copyPart(2, { key: 'small' })]
    for (let number = 3; number <= 80; number++)
      parts.push(await whole.copyPart(number, { key: 'large', range: { offset: number, length: 1_000 } }))
    await whole.putPart(81, bytes(LARGE)) // Not listed.
    await whole.complete(parts)
    const aborted = await bucket.createUpload('aborted')
    await aborted.putPart(1, bytes(LARGE))
    await aborted.putPart(1, bytes(SMALL))
    await aborted.copyPart(2, { key: 'many parts' })
    await aborted.abort()
    const open = await bucket.createUpload('open')
    await open.putPart(1, bytes(LARGE))
    await open.copyPart(2, { key: 'many parts' })
  }
  const plain = engine.bucket('plain')
  await engine.createBucket('plain')
  await makeObjects(plain)
  await makeUploads(plain)
  for (const sizeBytes of [SMALL, LARGE, SMALL]) {
    await plain.append('appended', bytes(sizeBytes))
    await plain.append('large', bytes(sizeBytes))
    await plain.append('many parts', bytes(sizeBytes))
  }
  await plain.copy({ key: 'appended' }, 'copy of appended')
  await plain.append('copy of appended', bytes(SMALL))
  await plain.rename({ key: 'copy of appended' }, 'renamed', { requestId: 'a request' })
  await plain.rename({ key: 'copy' }, 'over')
  await engine.createBucket('versioned', { objectLock: true, tags: { x: 'y' } })
  const versioned = engine.bucket('versioned')
  for (let round = 0; round < 2; round++) await makeObjects(versioned)
  await makeUploads(versioned)
  await versioned.deleteMany([{ key: 'large' }, { key: 'small' }])
}

type Way = 'all is deleted' | 'a bucket is removed with all that is in it, and all else deleted'

async function removeAll(engine: Engine, way: Way): Promise<void> {
  for (const name of ['plain', 'versioned']) {
    const bucket = engine.bucket(name)
    if (name === 'plain' && way !== 'all is deleted') {
      await bucket.remove({ force: true })
      continue
    }
    for await (const entry of bucket.listVersions())
      if (entry.type === 'version')
        await bucket.delete(
          entry.info.key,
          name === 'plain' ? {} : { versionId: entry.info.versionId ?? 'null' },
        )
    await bucket.remove()
  }
}

async function filesIn(directory: string): Promise<string[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
}

const ways: Way[] = ['all is deleted', 'a bucket is removed with all that is in it, and all else deleted']
for (const way of ways)
  test(`when ${way}, and a day has passed, no row and no file is left but those of the empty store`, (t) =>
    nothingIsLeft(t, way))

async function nothingIsLeft(t: TestContext, way: Way): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-nothing-'))
  t.after(() => rm(directory, { recursive: true }))
  let nowMs = Date.UTC(2026, 0, 1)
  const clock = { now: () => ++nowMs, monotonic: () => nowMs }
  const open = async () => {
    const kv = await LevelKvStore.open({ directory, segmentBytes: 1024 * KIB })
    const stores = { kv, blobs: await FileBlobStore.open({ directory: join(directory, 'blobs') }) }
    const engine = await Engine.open({ stores, clock, background: false })
    const rows = async (): Promise<Row[]> => {
      const page = await kv.scan({ from: Uint8Array.of(0), to: Uint8Array.of(255), limit: 10_000 })
      assert.equal(page.more, false)
      return [...page.rows]
    }
    return { engine, stores, rows }
  }
  const families = (rows: Row[]) => [...new Set(rows.map(({ key }) => String.fromCharCode(key[0]!)))].join('')
  const first = await open()
  await doAll(first.engine)
  t.diagnostic(`families of rows while all is there: ${families(await first.rows())}`)
  await assertInvariants(first.stores)
  await first.engine.reclaim()
  await assertInvariants({ ...first.stores, reclaimedAtMs: nowMs })
  await removeAll(first.engine, way)
  await first.engine.reclaim()
  await assertInvariants({ ...first.stores, reclaimedAtMs: nowMs })
  assert.equal(families(await first.rows()), 'gmnst', 'what is remembered for a day')
  nowMs += DAY_MS + 1_000
  await first.engine.reclaim()
  await first.engine.close()
  const second = await open()
  const left = await second.rows()
  // The last time seen, which object lock rests on; and the number of the next run of blob ids.
  assert.deepEqual(
    left.map(({ key }) => Buffer.from(key).toString('latin1')),
    ['n\0\0\0\0\0\0', 'slock-time'],
  )
  await second.engine.close()
  const files = await filesIn(directory)
  assert.deepEqual(
    files.filter((file) => !/^(journal|index|owner)\/|^owner\.json$/.test(file)),
    [],
  )
  const strange = files.filter(
    (file) => file.startsWith('journal/') && !/\/(\d+\.segment|\d+\.spare|ballast)$/.test(file),
  )
  assert.deepEqual(strange, [])
}
