import { hasChecksum } from './crc32c.js'
import { type Cursor, readVarint } from './varint.js'

/**
 * As much of LevelDB's manifest as it takes to know which tables are in use: a log of edits, each of which adds and
 * removes tables. A table stands in it only once it is whole; files that it does not name are being written, or
 * left over. Sources: LevelDB's doc/log_format.md and doc/impl.md, and the tags in db/version_edit.cc.
 */

const BLOCK_BYTES = 32 * 1024
const RECORD_HEADER_BYTES = 7
const FULL = 1
const FIRST = 2
const LAST = 4

const tag = {
  comparator: 1,
  logNumber: 2,
  nextFile: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousLog: 9,
} as const

/** The numbers of the tables in use, with their sizes. @throws RangeError where the manifest is damaged. */
export function readLiveTables(manifest: Buffer): Map<number, number> {
  const tables = new Map<number, number>()
  for (const edit of readEdits(manifest)) applyEdit(tables, edit)
  return tables
}

/** Ends at a record that is cut short: it is being written. */
function* readEdits(log: Buffer): Generator<Buffer> {
  let parts: Buffer[] = []
  for (let at = 0; at + RECORD_HEADER_BYTES <= log.byteLength; ) {
    const left = BLOCK_BYTES - (at % BLOCK_BYTES)
    if (left < RECORD_HEADER_BYTES) {
      at += left
      continue
    }
    const length = log.readUInt16LE(at + 4)
    const type = log.readUInt8(at + 6)
    const end = at + RECORD_HEADER_BYTES + length
    if (end > log.byteLength) return
    if (!hasChecksum(log.subarray(at + 6, end), log.readUInt32LE(at)))
      throw new RangeError(`the manifest is damaged at ${at}`)
    if (type === FULL || type === FIRST) parts = []
    parts.push(log.subarray(at + RECORD_HEADER_BYTES, end))
    if (type === FULL || type === LAST) yield Buffer.concat(parts)
    at = end
  }
}

function applyEdit(tables: Map<number, number>, edit: Buffer): void {
  const cursor: Cursor = { at: 0 }
  const skipBytes = () => {
    const length = readVarint(edit, cursor)
    cursor.at += length
  }
  while (cursor.at < edit.byteLength) {
    switch (readVarint(edit, cursor)) {
      case tag.comparator:
        skipBytes()
        break
      case tag.logNumber:
      case tag.nextFile:
      case tag.lastSequence:
      case tag.previousLog:
        readVarint(edit, cursor)
        break
      case tag.compactPointer:
        readVarint(edit, cursor) // The level.
        skipBytes()
        break
      case tag.deletedFile:
        readVarint(edit, cursor)
        tables.delete(readVarint(edit, cursor))
        break
      case tag.newFile: {
        readVarint(edit, cursor)
        const number = readVarint(edit, cursor)
        tables.set(number, readVarint(edit, cursor))
        skipBytes() // The smallest key.
        skipBytes() // The largest.
        break
      }
      default:
        throw new RangeError('the manifest holds an edit of an unknown kind')
    }
  }
}
