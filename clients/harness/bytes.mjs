// Bytes that look random and are the same at every run, and folders compared file by file.
import assert from 'node:assert/strict'
import { createCipheriv, createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'

const chunkBytes = 1024 * 1024

export function bytesNamed(name, sizeBytes) {
  return keystream(name).update(Buffer.alloc(sizeBytes))
}

export async function writeFileNamed(path, name, sizeBytes) {
  await pipeline(chunksNamed(name, sizeBytes), createWriteStream(path))
}

function* chunksNamed(name, sizeBytes) {
  const stream = keystream(name)
  const zeros = Buffer.alloc(chunkBytes)
  for (let left = sizeBytes; left > 0; left -= chunkBytes)
    yield stream.update(zeros.subarray(0, Math.min(left, chunkBytes)))
}

function keystream(name) {
  return createCipheriv('aes-128-ctr', createHash('md5').update(name).digest(), Buffer.alloc(16))
}

export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex')
}

export async function sha256OfFile(path) {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: chunkBytes }), hash)
  return hash.digest('hex')
}

/** The regular files below a folder, as paths relative to it; symbolic links are not followed. */
export async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
    .sort()
}

/** Fails unless both folders hold the same regular files with the same bytes. */
export async function assertSameFiles(actual, expected) {
  const paths = await filesBelow(expected)
  assert.deepEqual(await filesBelow(actual), paths)
  for (const path of paths)
    assert.equal(await sha256OfFile(join(actual, path)), await sha256OfFile(join(expected, path)), path)
  return paths.length
}
