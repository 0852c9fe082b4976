import assert from 'node:assert/strict'
import { mkdtemp, open, readdir, rename, rm, stat, truncate, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { type EngineError, isEngineError } from '../../errors.js'
import { blobStoreSuite } from '../../testing/blob-store-suite.js'
import { BLOCK_BYTES } from './blob-format.js'
import { blobPath } from './blob-path.js'
import { FileBlobStore } from './file-blob-store.js'

const scratch = await mkdtemp(join(tmpdir(), 'aquifer-blobs-'))
test.after(() => rm(scratch, { recursive: true, force: true }))

let made = 0
const newDirectory = () => join(scratch, String(++made), 'deeper', 'blobs')

test.describe('the file blob store', () => {
  blobStoreSuite({
    test,
    factory: () => FileBlobStore.open({ directory: newDirectory() }),
    async reopen(store) {
      await store.close()
      return FileBlobStore.open({ directory: join(scratch, String(made), 'deeper', 'blobs') })
    },
  })
})

/** Three blocks, the last of them short. */
const SIZE_BYTES = 2 * BLOCK_BYTES + 1_000

async function oneBlob(): Promise<{ store: FileBlobStore; path: string; bytes: Uint8Array }> {
  const directory = newDirectory()
  const store = await FileBlobStore.open({ directory })
  const bytes = new Uint8Array(SIZE_BYTES).map((_, at) => at % 251)
  const writer = await store.create(1)
  await writer.write(bytes)
  await writer.finish()
  return { store, path: blobPath(directory, 1), bytes }
}

/** The block's bytes, or the offset named by the error of reading it. */
async function readBlock(
  store: FileBlobStore,
  block: number,
): Promise<Uint8Array | EngineError<'CorruptBlob'>> {
  const offset = block * BLOCK_BYTES
  const chunks: Uint8Array[] = []
  try {
    const length = Math.min(BLOCK_BYTES, SIZE_BYTES - offset)
    for await (const chunk of store.read(1, { offset, length })) chunks.push(chunk)
    return Buffer.concat(chunks)
  } catch (error) {
    assert.ok(isEngineError(error, 'CorruptBlob'), String(error))
    return error
  }
}

async function flip(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+')
  const byte = new Uint8Array(1)
  await file.read(byte, 0, 1, at)
  await file.write(
    byte.map((value) => value ^ 0x10),
    0,
    1,
    at,
  )
  await file.close()
}

test('a flipped bit fails the reads that touch its block, or all of them when it is in the footer', async () => {
  const { store, path, bytes } = await oneBlob()
  const trailerAt = SIZE_BYTES
  const footerAt = trailerAt + 3 * 8
  const fileBytes = footerAt + 64
  assert.equal((await stat(path)).size, fileBytes)
  const blockOf = (at: number) => {
    if (at < trailerAt) return Math.floor(at / BLOCK_BYTES)
    return at < footerAt ? Math.floor((at - trailerAt) / 8) : 'all'
  }
  const places = [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, 2 * BLOCK_BYTES - 1, 2 * BLOCK_BYTES, trailerAt - 1]
  for (let at = trailerAt; at < fileBytes; at++) places.push(at)
  for (const at of places) {
    await flip(path, at)
    for (const block of [0, 1, 2]) {
      const found = await readBlock(store, block)
      const offset = block * BLOCK_BYTES
      if (blockOf(at) === block) assert.equal((found as EngineError<'CorruptBlob'>).details.offset, offset)
      else if (blockOf(at) === 'all') assert.ok(isEngineError(found, 'CorruptBlob'), `byte ${at}`)
      else assert.deepEqual(found, Buffer.from(bytes.subarray(offset, offset + BLOCK_BYTES)))
    }
    await assert.rejects(store.verify(1), { code: 'CorruptBlob' })
    await flip(path, at)
  }
  await store.verify(1)
  await store.close()
})

test('a stream gives out good bytes only, and fails at the bad block', async () => {
  const directory = newDirectory()
  const store = await FileBlobStore.open({ directory })
  const writer = await store.create(1)
  const length = 40 * 1024 * 1024 // More blocks than one page of the trailer holds.
  for (let n = 0; n < 40; n++) await writer.write(new Uint8Array(1024 * 1024).fill(n))
  await writer.finish()
  await flip(blobPath(directory, 1), 35 * 1024 * 1024 + 5)
  let given = 0
  const reading = async () => {
    for await (const chunk of store.read(1, { offset: 0, length })) given += chunk.byteLength
  }
  await assert.rejects(reading(), { code: 'CorruptBlob', details: { blobId: 1, offset: 35 * 1024 * 1024 } })
  assert.equal(given, 35 * 1024 * 1024)
  await store.close()
})

test('a file that was cut, emptied, lengthened or deleted is corrupt', async () => {
  const { store, path } = await oneBlob()
  const whole = (await stat(path)).size
  for (const sizeBytes of [whole + 1, whole - 1, whole - 64, SIZE_BYTES, BLOCK_BYTES, 64, 63, 1, 0]) {
    await truncate(path, sizeBytes)
    for (const block of [0, 1, 2]) assert.ok(isEngineError(await readBlock(store, block), 'CorruptBlob'))
  }
  await unlink(path)
  assert.ok(isEngineError(await readBlock(store, 0), 'CorruptBlob'))
  await store.close()
})

test('a blob in the place of another is corrupt', async () => {
  const directory = newDirectory()
  const store = await FileBlobStore.open({ directory })
  for (const id of [1, 2]) {
    const writer = await store.create(id)
    await writer.write(new Uint8Array(1_000).fill(id))
    await writer.finish()
  }
  await rename(blobPath(directory, 2), blobPath(directory, 1))
  assert.ok(isEngineError(await store.verify(1).catch((error) => error), 'CorruptBlob'))
  await store.close()
})

test('files in the directory that are not blobs are left alone and not listed', async () => {
  const { store, path } = await oneBlob()
  const stranger = await open(join(path, '..', 'notes.txt'), 'w')
  await stranger.close()
  const ids = []
  for await (const id of store.list()) ids.push(id)
  assert.deepEqual(ids, [1])
  await store.close()
  assert.deepEqual((await readdir(join(path, '..'))).sort(), ['00000000000001', 'notes.txt'])
})

test('borrowed chunks are right until the next is asked for, whatever becomes of them then', async () => {
  await using store = await FileBlobStore.open({ directory: newDirectory() })
  // Beyond the first 4 MiB a quick reader reads by the megabyte, into memory that is used again.
  const bytes = Buffer.alloc(12 * 1024 * 1024 + 5, 'some bytes that do not repeat by blocks ')
  const writer = await store.create(1)
  for (let at = 0; at < bytes.byteLength; at += 300_000) await writer.write(bytes.subarray(at, at + 300_000))
  await writer.finish()
  const memory = new Set<ArrayBufferLike>()
  const readAll = async () => {
    let at = 0
    for await (const chunk of store.read(1, { offset: 0, length: bytes.byteLength }, { borrows: true })) {
      assert.ok(bytes.subarray(at, at + chunk.byteLength).equals(chunk), `at ${at}`)
      at += chunk.byteLength
      if (chunk.byteLength === 1024 * 1024) memory.add(chunk.buffer)
      chunk.fill(0)
    }
    assert.equal(at, bytes.byteLength)
  }
  await readAll()
  await Promise.all([readAll(), readAll(), readAll()])
  assert.ok(memory.size <= 8, `${memory.size} buffers`)
})
