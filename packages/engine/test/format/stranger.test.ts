import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Engine } from '@aquifer/engine'
import { copyOfFixture } from './fixture.js'
import { readStore } from './stranger/read-store.js'

async function sha256(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of bytes) hash.update(chunk)
  return hash.digest('hex')
}

test('a reader made after docs/format.md, with no code of the engine, finds all that was acknowledged', async (t) => {
  const { directory, expected } = await copyOfFixture(t, 1)
  const found = await readStore(directory)
  assert.deepEqual([...found.keys()], Object.keys(expected.buckets))
  for (const [name, { objects: wanted, ...bucket }] of Object.entries(expected.buckets)) {
    const { facts, objects } = found.get(name)!
    assert.deepEqual(facts, bucket)
    const inOrder = Object.keys(wanted).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    assert.deepEqual([...objects.keys()], inOrder)
    for (const [key, { facts, bytes }] of objects) {
      const { tagCount: _none, sha256: hash, ...rest } = wanted[key]!
      assert.deepEqual(facts, rest, key)
      assert.equal(await sha256(bytes), hash, key)
    }
  }
  const uploads = [...found.values()].flatMap((bucket) => bucket.uploads)
  assert.equal(uploads.length, expected.uploads.length)
  for (const [at, { facts, parts }] of uploads.entries()) {
    const { bucket: _name, parts: wanted, completedSha256, ...rest } = expected.uploads[at]!
    assert.deepEqual(facts, rest)
    assert.deepEqual(
      parts.map((part) => part.facts),
      wanted,
    )
    async function* all() {
      for (const { bytes } of parts) yield* bytes
    }
    assert.equal(await sha256(all()), completedSha256)
  }
})

test('it reads what was appended, in whatever body it came to lie', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-stranger-'))
  t.after(() => rm(directory, { recursive: true }))
  const engine = await Engine.open({ directory, background: false })
  await engine.createBucket('logs')
  const logs = engine.bucket('logs')
  const expected = new Map<string, Buffer>()
  const append = async (key: string, sizeBytes: number) => {
    const bytes = Buffer.alloc(sizeBytes, `${key} ${sizeBytes} `)
    await logs.append(key, bytes)
    expected.set(key, Buffer.concat([expected.get(key) ?? Buffer.alloc(0), bytes]))
  }
  for (const sizeBytes of [10, 100_000, 20, 30]) await append('own', sizeBytes)
  for (const sizeBytes of [100_000, 40]) await append('from a blob', sizeBytes)
  await logs.copy({ key: 'own' }, 'shared')
  expected.set('shared', expected.get('own')!)
  await append('shared', 50) // A body of its own, which borrows from rows and from a blob.
  const upload = await logs.createUpload('part')
  await upload.complete([await upload.copyPart(1, { key: 'shared', range: { offset: 5, length: 100_032 } })])
  expected.set('part', expected.get('shared')!.subarray(5, 5 + 100_032))
  await logs.rename({ key: 'from a blob' }, 'renamed', { requestId: 'x' })
  expected.set('renamed', expected.get('from a blob')!)
  expected.delete('from a blob')
  await engine.close()
  const { objects } = (await readStore(directory)).get('logs')!
  assert.deepEqual([...objects.keys()].sort(), [...expected.keys()].sort())
  for (const [key, bytes] of expected)
    assert.equal(await sha256(objects.get(key)!.bytes), createHash('sha256').update(bytes).digest('hex'), key)
})

test('it reads versions, in whatever state of versioning they were written', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-stranger-'))
  t.after(() => rm(directory, { recursive: true }))
  const engine = await Engine.open({ directory, background: false })
  await engine.createBucket('kept')
  const kept = engine.bucket('kept')
  const put = (key: string, sizeBytes: number) =>
    kept.put(key, Buffer.alloc(sizeBytes, `${key} ${sizeBytes} `))
  for (const key of ['a', 'b', 'c', 'only']) await put(key, 10)
  await kept.setConfiguration('versioning', 'enabled')
  for (const sizeBytes of [20, 100_000, 30]) await put('a', sizeBytes)
  await put('b', 100_000)
  await kept.delete('b')
  await kept.delete('c')
  await kept.copy({ key: 'a', versionId: 'null' }, 'a')
  await kept.setConfiguration('versioning', 'suspended')
  await put('b', 40)
  await put('new', 50)
  await kept.delete('gone')
  const expected: unknown[] = []
  for await (const entry of kept.listVersions()) {
    if (entry.type !== 'version') continue
    const { key, versionId, isDeleteMarker } = entry.info
    const hash = createHash('sha256')
    if (!isDeleteMarker) hash.update(await (await kept.get(key, { versionId })).bytes())
    expected.push([key, versionId, isDeleteMarker, hash.digest('hex')])
  }
  const keys: string[] = []
  for await (const entry of kept.list()) if (entry.type === 'object') keys.push(entry.info.key)
  await engine.close()
  const { objects, versions } = (await readStore(directory)).get('kept')!
  const found: unknown[] = []
  for (const { key, versionId, facts, bytes } of versions)
    found.push([key, versionId, facts['isDeleteMarker'], await sha256(bytes)])
  assert.equal(found.length, 13)
  assert.deepEqual(found, expected)
  assert.deepEqual([...objects.keys()], keys)
})
