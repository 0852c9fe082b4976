import { pipeline, Readable } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import { S3Error } from '../s3-error.js'
import type { ArchiveFile } from './archive-file.js'
import { notAnArchive, type ZipEntry } from './zip-directory.js'

const LOCAL = 0x04034b50
const LOCAL_BYTES = 30
const STORED = 0
const DEFLATED = 8

/**
 * The bytes of one file of an archive, as many as its directory says and of the checksum that it says, or an error
 * before their end.
 *
 * @throws {@link S3Error} `InvalidRequest`, `NotImplemented`
 */
export async function openEntry(file: ArchiveFile, entry: ZipEntry): Promise<AsyncGenerator<Uint8Array>> {
  if (entry.isEncrypted)
    throw new S3Error('NotImplemented', 'Encrypted files of archives are not implemented.')
  if (entry.method !== STORED && entry.method !== DEFLATED)
    throw new S3Error('NotImplemented', `Files packed by method ${entry.method} are not implemented.`)
  if (entry.offset + LOCAL_BYTES > file.sizeBytes) throw notAnArchive('a file of it lies beyond its end')
  const local = await file.read(entry.offset, LOCAL_BYTES)
  if (local.readUInt32LE(0) !== LOCAL) throw notAnArchive('a file of it has no header')
  const offset = entry.offset + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28)
  if (offset + entry.packedBytes > file.sizeBytes) throw notAnArchive('a file of it lies beyond its end')
  const packed = file.chunks(offset, entry.packedBytes)
  return verified(entry.method === STORED ? packed : inflated(packed), entry)
}

async function* inflated(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw()
  // Whatever goes wrong before it shows in what is read behind it.
  pipeline(Readable.from(packed), inflate, () => {})
  try {
    yield* inflate as AsyncIterable<Uint8Array>
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_') !== true) throw error
    throw notAnArchive('a file of it cannot be unpacked')
  } finally {
    inflate.destroy()
  }
}

async function* verified(
  chunks: AsyncIterable<Uint8Array>,
  entry: ZipEntry,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sizeBytes = 0
  let crc = 0
  for await (const chunk of chunks) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > entry.sizeBytes) throw notAnArchive('a file of it is larger than it says')
    crc = crc32(chunk, crc)
    if (chunk.byteLength > 0 && sizeBytes < entry.sizeBytes) yield chunk
    else if (chunk.byteLength > 0) {
      // The last bytes are given out only when all of them are known to be right.
      if (crc !== entry.crc32) throw notAnArchive('a file of it has another checksum than it says')
      yield chunk
    }
  }
  if (sizeBytes < entry.sizeBytes) throw notAnArchive('a file of it is shorter than it says')
}
