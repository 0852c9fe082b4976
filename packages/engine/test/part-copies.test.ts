import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { type Bucket, type CompletedPart, Engine } from '@aquifer/engine'

const MiB = 1024 * 1024
const PART_BYTES = 64 * MiB
const PARTS = 160

async function blobBytes(directory: string): Promise<number> {
  let sum = 0
  for (const entry of await readdir(join(directory, 'blobs'), { recursive: true, withFileTypes: true }))
    if (entry.isFile()) sum += (await stat(join(entry.parentPath, entry.name))).size
  return sum
}

/** 64 MiB, no megabyte like another. */
async function* partBytes(): AsyncGenerator<Buffer> {
  for (let n = 0; n < PART_BYTES / MiB; n++) yield megabyte(n)
}

function megabyte(n: number): Buffer {
  const bytes = Buffer.alloc(MiB, n)
  bytes.writeUInt32LE(n)
  return bytes
}

/** A megabyte across the border between two parts, and one at the very end. */
async function check(films: Bucket, key: string): Promise<void> {
  for (const parts of [1, PARTS - 1]) {
    await using object = await films.get(key, {
      range: { offset: parts * PART_BYTES - MiB, length: 2 * MiB },
    })
    assert.ok(Buffer.concat([megabyte(63), megabyte(0)]).equals(await object.bytes()), 'other bytes')
  }
  await using object = await films.get(key, { range: { suffix: MiB } })
  assert.ok(megabyte(63).equals(Buffer.from(await object.bytes())), 'other bytes at the end')
}

async function madeOfParts(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-parts-'))
  t.after(() => rm(directory, { recursive: true }))
  const engine = await Engine.open({ directory, background: false, etag: 'opaque' })
  t.after(() => engine.close())
  await engine.createBucket('films')
  const films = engine.bucket('films')
  await films.put('64 MiB', partBytes())
  const before = await blobBytes(directory)
  const upload = await films.createUpload('10 GiB')
  const parts: CompletedPart[] = []
  for (let number = 1; number <= PARTS; number++) parts.push(await upload.copyPart(number, { key: '64 MiB' }))
  const { sizeBytes } = await upload.complete(parts)
  assert.equal(sizeBytes, 10 * 1024 * MiB)
  await films.copy({ key: '10 GiB' }, 'copy')
  await engine.reclaim()
  assert.equal(await blobBytes(directory), before, 'bytes were moved')
  return { engine, films, blobs: () => blobBytes(directory), before }
}

for (const order of [
  ['64 MiB', '10 GiB', 'copy'],
  ['64 MiB', 'copy', '10 GiB'],
  ['10 GiB', '64 MiB', 'copy'],
  ['copy', '10 GiB', '64 MiB'],
])
  test(`10 GiB of 160 copied parts, and a copy of it, move no byte, and go in the order ${order.join(', ')}`, async (t) => {
    const { engine, films, blobs, before } = await madeOfParts(t)
    const left = new Set(order)
    for (const key of order) {
      await films.delete(key)
      left.delete(key)
      await engine.reclaim()
      assert.equal(await blobs(), left.size === 0 ? 0 : before)
      for (const other of left) if (other !== '64 MiB') await check(films, other)
    }
  })
