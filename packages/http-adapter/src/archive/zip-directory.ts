import { limits } from '../limits.js'
import { S3Error } from '../s3-error.js'
import type { ArchiveFile } from './archive-file.js'

/** One file in a zip archive, as the archive's directory has it. */
export interface ZipEntry {
  readonly name: string
  readonly method: number
  readonly isEncrypted: boolean
  readonly crc32: number
  readonly packedBytes: number
  readonly sizeBytes: number
  /** Of its local header, in the file. */
  readonly offset: number
}

/** Where the directory lies in the file. */
interface Directory {
  readonly offset: number
  readonly sizeBytes: number
  /** What stands before the archive, as a program that unpacks itself has. */
  readonly before: number
}

const END = 0x06054b50
const END_BYTES = 22
const END_64 = 0x06064b50
const END_64_BYTES = 56
const LOCATOR_64 = 0x07064b50
const LOCATOR_64_BYTES = 20
const ENTRY = 0x02014b50
const ENTRY_BYTES = 46
const COMMENT_MAX_BYTES = 0xffff
const IN_64 = 0xffffffff

export const notAnArchive = (why: string): S3Error =>
  new S3Error('InvalidRequest', `The object is no zip archive that can be read: ${why}.`)

/**
 * Every file of an archive in the order of its directory, which is read a piece at a time; folders are left out. Where a
 * name comes twice, the last counts. Source: PKWARE, APPNOTE.TXT.
 *
 * @throws {@link S3Error} `InvalidRequest`
 */
export async function* zipEntries(file: ArchiveFile): AsyncGenerator<ZipEntry> {
  const directory = await findDirectory(file)
  let held = Buffer.alloc(0)
  for await (const chunk of file.chunks(directory.offset, directory.sizeBytes)) {
    held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk])
    let at = 0
    for (;;) {
      const length = entryLength(held, at)
      if (length === undefined || at + length > held.length) break
      const entry = readEntry(held.subarray(at, at + length), directory)
      if (!entry.name.endsWith('/')) yield entry
      at += length
    }
    held = held.subarray(at)
  }
  if (held.length > 0) throw notAnArchive('its directory ends in the middle of an entry')
}

async function findDirectory(file: ArchiveFile): Promise<Directory> {
  const tailBytes = Math.min(file.sizeBytes, END_BYTES + COMMENT_MAX_BYTES + LOCATOR_64_BYTES)
  const tail = await file.read(file.sizeBytes - tailBytes, tailBytes)
  const at = findEnd(tail)
  if (at === undefined) throw notAnArchive('its end was not found')
  const endsAt = file.sizeBytes - tailBytes + at
  const isElsewhere = tail.readUInt16LE(at + 4) !== 0 || tail.readUInt16LE(at + 6) !== 0
  const sizeBytes = tail.readUInt32LE(at + 12)
  const offset = tail.readUInt32LE(at + 16)
  const locator = at - LOCATOR_64_BYTES
  const has64 = locator >= 0 && tail.readUInt32LE(locator) === LOCATOR_64
  if (!has64) {
    if (isElsewhere || sizeBytes === IN_64 || offset === IN_64)
      throw notAnArchive('it is one of several volumes')
    return placed(file, { endsAt, sizeBytes, offset })
  }
  const end64At = number64(tail, locator + 8)
  if (end64At > file.sizeBytes - END_64_BYTES) throw notAnArchive('its end was not found')
  const end64 = await file.read(end64At, END_64_BYTES)
  if (end64.readUInt32LE(0) !== END_64) throw notAnArchive('its end was not found')
  return placed(file, { endsAt: end64At, sizeBytes: number64(end64, 40), offset: number64(end64, 48) })
}

/** The last end that leaves room for exactly its comment. */
function findEnd(tail: Buffer): number | undefined {
  for (let at = tail.length - END_BYTES; at >= 0; at--)
    if (tail.readUInt32LE(at) === END && at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length)
      return at
  return undefined
}

function placed(
  file: ArchiveFile,
  { endsAt, sizeBytes, offset }: { endsAt: number; sizeBytes: number; offset: number },
): Directory {
  if (sizeBytes > limits.zipDirectoryMaxBytes)
    throw notAnArchive(`its directory has more than ${limits.zipDirectoryMaxBytes} bytes`)
  const before = endsAt - sizeBytes - offset
  if (before < 0 || offset + sizeBytes > file.sizeBytes)
    throw notAnArchive('its directory lies beyond its end')
  return { offset: offset + before, sizeBytes, before }
}

/** Undefined where not even that is there yet. */
function entryLength(held: Buffer, at: number): number | undefined {
  if (held.length - at < ENTRY_BYTES) return undefined
  if (held.readUInt32LE(at) !== ENTRY) throw notAnArchive('its directory has something else than entries')
  return ENTRY_BYTES + held.readUInt16LE(at + 28) + held.readUInt16LE(at + 30) + held.readUInt16LE(at + 32)
}

function readEntry(entry: Buffer, { before, offset: directoryAt }: Directory): ZipEntry {
  const nameEnd = ENTRY_BYTES + entry.readUInt16LE(28)
  const extra = entry.subarray(nameEnd, nameEnd + entry.readUInt16LE(30))
  const large = numbersIn64(extra)
  const number = (at: number): number => {
    const value = entry.readUInt32LE(at)
    if (value !== IN_64) return value
    const next = large.next().value
    if (next === undefined) throw notAnArchive('an entry does not say how large it is')
    return next
  }
  const sizeBytes = number(24)
  const packedBytes = number(20)
  const offset = number(42) + before
  if (offset + packedBytes > directoryAt) throw notAnArchive('an entry lies beyond its directory')
  const flags = entry.readUInt16LE(8)
  return {
    name: nameOf(entry.subarray(ENTRY_BYTES, nameEnd)),
    method: entry.readUInt16LE(10),
    isEncrypted: (flags & 1) !== 0,
    crc32: entry.readUInt32LE(16),
    packedBytes,
    sizeBytes,
    offset,
  }
}

/** The numbers of the field that has those of more than 32 bits, in their order. */
function* numbersIn64(extra: Buffer): Generator<number, undefined, undefined> {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2)
    if (extra.readUInt16LE(at) === 1)
      for (let number = at + 4; number + 8 <= Math.min(end, extra.length); number += 8)
        yield number64(extra, number)
    at = end
  }
  return undefined
}

function number64(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at)
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw notAnArchive('a number in it is beyond all files')
  return Number(value)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Most write UTF-8, whether they say so or not. */
function nameOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}
