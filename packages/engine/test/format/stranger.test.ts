import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
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
