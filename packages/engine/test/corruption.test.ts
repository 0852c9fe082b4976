import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, open, readdir, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { type Bucket, Engine, type GetOptions, isEngineError } from '@aquifer/engine'
import { seededRandom } from '@aquifer/engine/testing'

const BLOCK = 64 * 1024
const FOOTER = 64
/** Four blocks, the last one short. */
const SIZE = 3 * BLOCK + 12_345
const TRAILER = SIZE + 4 * 8

interface Scene {
  readonly engine: Engine
  readonly bucket: Bucket
  readonly file: string
  readonly bytes: Buffer
}

/** One blob that an object, its copy, an object made of a part of it, and one that was appended to lie in; and others. */
async function setScene(t: TestContext): Promise<Scene> {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-corruption-'))
  t.after(() => rm(directory, { recursive: true }))
  const engine = await Engine.open({ directory, background: false })
  t.after(() => engine.close())
  await engine.createBucket('bucket')
  const bucket = engine.bucket('bucket')
  const bytes = Buffer.allocUnsafe(SIZE)
  for (let at = 0; at < SIZE; at++) bytes[at] = (at * 31) ^ (at >> 8)
  await bucket.put('object', bytes)
  const [file = ''] = await blobFilesIn(directory)
  await bucket.copy({ key: 'object' }, 'copy')
  await bucket.copy({ key: 'object' }, 'appended')
  await bucket.append('appended', Buffer.from('more'))
  const upload = await bucket.createUpload('part')
  await upload.complete([await upload.copyPart(1, { key: 'object', range: { offset: BLOCK, length: 100 } })])
  await (await bucket.createUpload('open')).copyPart(7, { key: 'object' })
  await bucket.put('other', Buffer.alloc(SIZE, 1))
  await bucket.put('small', Buffer.from('small'))
  return { engine, bucket, file, bytes }
}

async function blobFilesIn(directory: string): Promise<string[]> {
  const found = await readdir(join(directory, 'blobs'), { recursive: true, withFileTypes: true })
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** Undefined where the read ended with `CorruptBlob`. Whatever came before it must be right. */
async function read(
  bucket: Bucket,
  key: string,
  expected: Buffer,
  options: GetOptions = {},
): Promise<boolean> {
  await using object = await bucket.get(key, options)
  let at = 0
  try {
    for await (const chunk of object.body as AsyncIterable<Buffer>) {
      assert.ok(chunk.equals(expected.subarray(at, at + chunk.byteLength)), `${key} gave out other bytes`)
      at += chunk.byteLength
    }
  } catch (error) {
    assert.ok(isEngineError(error, 'CorruptBlob'), `not ${error}`)
    return false
  }
  assert.equal(at, expected.byteLength, `${key} ended early and said nothing`)
  return true
}

/** What `verify` names. */
async function damagedIn(engine: Engine): Promise<string[]> {
  const names: string[] = []
  for await (const { code, what, key, partNumber } of engine.verify()) {
    assert.equal(code, 'CorruptBlob')
    names.push(what === 'part' ? `${key} ${partNumber}` : `${key}`)
  }
  return names.sort()
}

const USERS = ['appended', 'copy', 'object', 'open 7', 'part']

async function examine(scene: Scene, damagedBlocks: ReadonlySet<number> | 'all', isVerified: boolean) {
  const { engine, bucket, bytes } = scene
  const isGood = (from: number, to: number) => {
    if (damagedBlocks === 'all') return false
    for (let block = from; block <= to; block++) if (damagedBlocks.has(block)) return false
    return true
  }
  assert.equal(await read(bucket, 'object', bytes), isGood(0, 3))
  assert.equal(await read(bucket, 'copy', bytes), isGood(0, 3))
  assert.equal(await read(bucket, 'appended', Buffer.concat([bytes, Buffer.from('more')])), isGood(0, 3))
  assert.equal(await read(bucket, 'part', bytes.subarray(BLOCK, BLOCK + 100)), isGood(1, 1))
  for (let block = 0; block < 4; block++) {
    const offset = block * BLOCK
    const length = Math.min(BLOCK, SIZE - offset)
    const range = { offset, length }
    assert.equal(
      await read(bucket, 'object', bytes.subarray(offset, offset + length), { range }),
      isGood(block, block),
    )
  }
  assert.ok(await read(bucket, 'other', Buffer.alloc(SIZE, 1)))
  assert.ok(await read(bucket, 'small', Buffer.from('small')))
  if (isVerified) assert.deepEqual(await damagedIn(engine), USERS)
}

/** A block, or all of them, that a byte of the file decides about. */
function blocksOf(offset: number): ReadonlySet<number> | 'all' {
  if (offset < SIZE) return new Set([Math.floor(offset / BLOCK)])
  return offset < TRAILER ? new Set([Math.floor((offset - SIZE) / 8)]) : 'all'
}

async function flip(file: string, offset: number, mask: number): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    const byte = Buffer.alloc(1)
    await handle.read(byte, 0, 1, offset)
    byte[0]! ^= mask
    await handle.write(byte, 0, 1, offset)
  } finally {
    await handle.close()
  }
}

test('a bit that flips anywhere in a blob file ends the reads that touch its block, and no others; verify names all who use it', async (t) => {
  const scene = await setScene(t)
  const seed = Date.now() % 1_000_000
  const random = seededRandom(seed)
  t.diagnostic(`seed ${seed}`)
  const offsets = new Set<number>()
  for (let at = SIZE; at < TRAILER + FOOTER; at++) offsets.add(at)
  for (let block = 0; block < 4; block++)
    for (const at of [0, 1, BLOCK - 1]) offsets.add(Math.min(SIZE - 1, block * BLOCK + at))
  for (let count = 0; count < 60; count++) offsets.add(Math.floor(random() * SIZE))
  assert.deepEqual(await damagedIn(scene.engine), [])
  for (const [count, offset] of [...offsets].entries()) {
    const mask = 1 << Math.floor(random() * 8)
    await flip(scene.file, offset, mask)
    try {
      await examine(scene, blocksOf(offset), count % 8 === 0)
    } catch (error) {
      throw new Error(`offset ${offset}, bits ${mask}, seed ${seed}: ${error}`, { cause: error })
    }
    await flip(scene.file, offset, mask)
  }
  assert.deepEqual(await damagedIn(scene.engine), [])
  t.diagnostic(`${offsets.size} offsets`)
})

test('a blob file that was zeroed, cut, lengthened, replaced or deleted is corrupt for all who use it', async (t) => {
  const scene = await setScene(t)
  const { file } = scene
  const whole = await readFile(file)
  assert.equal(whole.byteLength, TRAILER + FOOTER)
  const zeroed = Buffer.from(whole)
  zeroed.fill(0, BLOCK, 2 * BLOCK)
  await writeFile(file, zeroed)
  await examine(scene, new Set([1]), true)
  for (const length of [whole.byteLength - 1, TRAILER, SIZE, SIZE - 1, 10, 0]) {
    await writeFile(file, whole)
    await truncate(file, length)
    await examine(scene, 'all', true)
  }
  await writeFile(file, Buffer.concat([whole, Buffer.alloc(1)]))
  await examine(scene, 'all', true)
  const others = (await blobFilesIn(join(file, '..', '..', '..'))).filter((other) => other !== file)
  await writeFile(file, await readFile(others[0]!))
  await examine(scene, 'all', true)
  await unlink(file)
  await examine(scene, 'all', true)
  await writeFile(file, whole)
  assert.deepEqual(await damagedIn(scene.engine), [])
})

test('a payload of an appended piece that is lost is told, and verify names the object', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'aquifer-corruption-'))
  t.after(() => rm(directory, { recursive: true }))
  const options = { directory, background: false }
  const engine = await Engine.open(options)
  await engine.createBucket('bucket')
  const piece = createHash('sha256').update('a piece').digest()
  for (const key of ['a', 'other']) await engine.bucket('bucket').append(key, Buffer.from(`${key} before `))
  await engine.bucket('bucket').append('a', piece)
  await engine.close()
  const segments = (await readdir(join(directory, 'journal'))).filter((name) => name.endsWith('.segment'))
  for (const name of segments) {
    const file = join(directory, 'journal', name)
    const at = (await readFile(file)).indexOf(piece)
    if (at > 0) await flip(file, at, 1)
  }
  const damaged = await Engine.open(options)
  t.after(() => damaged.close())
  await using object = await damaged.bucket('bucket').get('a')
  await assert.rejects(
    object.bytes(),
    (error) => isEngineError(error, 'CorruptBlob') || isEngineError(error, 'CorruptRecord'),
  )
  await using other = await damaged.bucket('bucket').get('other')
  assert.equal(Buffer.from(await other.bytes()).toString(), 'other before ')
  const found: unknown[] = []
  for await (const { what, key } of damaged.verify()) found.push([what, key])
  assert.deepEqual(found, [['object', 'a']])
})
