import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { Engine } from '../../dist/index.js'
import { copyOfFixture, type Expected } from './fixture.js'

/** A store of each format that was ever released. They are opened by every later version, for ever. */
const formats = [1]

/** What is expected, and no more: a later version may know further facts. */
function assertHolds(found: object, expected: object, what: string): void {
  const named = Object.keys(expected).map((name) => [name, (found as Record<string, unknown>)[name]])
  assert.deepEqual(JSON.parse(JSON.stringify(Object.fromEntries(named))), expected, what)
}

async function sha256(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of bytes) hash.update(chunk)
  return hash.digest('hex')
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

async function assertEverything(engine: Engine, { buckets, uploads }: Expected): Promise<void> {
  const listed = await all(engine.listBuckets())
  assert.deepEqual(
    listed.map((entry) => entry.type === 'bucket' && entry.info.name),
    Object.keys(buckets),
  )
  for (const [name, { objects, ...facts }] of Object.entries(buckets)) {
    const bucket = engine.bucket(name)
    assertHolds(await bucket.info(), facts, name)
    const keys = (await all(bucket.list())).map((entry) => entry.type === 'object' && entry.info.key)
    assert.deepEqual(keys.sort(), Object.keys(objects).sort())
    for (const [key, { sha256: hash, parts, ...info }] of Object.entries(objects)) {
      await using object = await bucket.get(key)
      assertHolds(object.info, info, `${name}/${key}`)
      assert.equal(await sha256(object.body), hash, `${name}/${key}`)
      const found = await all(bucket.parts(key))
      for (const [at, part] of (parts ?? []).entries()) assertHolds(found[at]!, part, `${name}/${key}`)
      assert.equal(found.length, parts?.length ?? 0)
    }
  }
  for (const { bucket: name, key, uploadId, parts, completedSha256: _later, ...info } of uploads) {
    const upload = engine.bucket(name).upload(key, uploadId)
    assertHolds(await upload.info(), info, key)
    const found = await all(upload.parts())
    assert.equal(found.length, parts.length)
    for (const [at, part] of parts.entries()) assertHolds(found[at]!, part, key)
  }
}

async function assertSound(engine: Engine): Promise<void> {
  assert.deepEqual(await all(engine.verify()), [])
}

for (const format of formats) {
  test(`a store of format ${format} is opened, everything is in it, and it is worked on`, async (t) => {
    const { directory, expected } = await copyOfFixture(t, format)
    const now = Date.parse(expected.at) + 1_000
    const clock = { now: () => now, monotonic: () => performance.now() }
    {
      await using engine = await Engine.open({ directory, clock })
      await assertEverything(engine, expected)
      await assertSound(engine)
      const { bucket, key, uploadId, parts } = expected.completed
      const again = await engine.bucket(bucket).upload(key, uploadId).complete(parts)
      assert.equal(
        again.etag,
        expected.buckets[bucket]!.objects[key]!.etag,
        'completing again is answered again',
      )

      for (const { bucket, key, uploadId, parts, completedSha256 } of expected.uploads) {
        const upload = engine.bucket(bucket).upload(key, uploadId)
        await upload.complete(parts.map(({ partNumber, etag }) => ({ partNumber, etag })))
        await using object = await engine.bucket(bucket).get(key)
        assert.equal(await sha256(object.body), completedSha256)
        await engine.bucket(bucket).delete(key)
      }
    }
    // In the meantime everything that was deferred is due.
    await using engine = await Engine.open({ directory })
    await engine.reclaim()
    await assertEverything(engine, { ...expected, uploads: [] })
    await assertSound(engine)
    assert.equal((await engine.stat()).deferred, 0)
  })

  test(`a store of format ${format} is opened without its index`, async (t) => {
    const { directory, expected } = await copyOfFixture(t, format)
    await rm(join(directory, 'index'), { recursive: true })
    await using engine = await Engine.open({ directory, background: false })
    await assertEverything(engine, expected)
  })

  test(`what a kill left behind in a store of format ${format} goes, down to what its objects use`, async (t) => {
    const { directory } = await copyOfFixture(t, format)
    const blobs = async () => (await readdir(join(directory, 'blobs', '01'))).length
    const before = await blobs()
    {
      await using _engine = await Engine.open({ directory, background: false })
      assert.equal(await blobs(), before - 1, 'the blob of the write that was interrupted is gone')
    }
    await using engine = await Engine.open({ directory })
    await engine.reclaim()
    assert.ok((await blobs()) < before - 1)
    await assertSound(engine)
  })
}
