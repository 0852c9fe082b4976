import { type Cursor, readVarint } from './varint.js'

/**
 * As much of LevelDB's table format as it takes to find every block: a footer names the index block, whose
 * entries' values name the data blocks, and the metaindex block, whose entries name the filter.
 * Source: LevelDB's doc/table_format.md.
 */

export interface BlockHandle {
  readonly offset: number
  readonly sizeBytes: number
}

const FOOTER_BYTES = 48
const MAGIC = 0xdb4775248b80fb57n
/** Behind each block: its compression (0 for none) and its checksum. */
export const BLOCK_TRAILER_BYTES = 5

/** @throws RangeError where it is no table. */
export function readFooter(table: Buffer): { metaindex: BlockHandle; index: BlockHandle } {
  const start = table.byteLength - FOOTER_BYTES
  if (start < 0 || table.readBigUInt64LE(table.byteLength - 8) !== MAGIC)
    throw new RangeError('no table footer')
  const cursor = { at: start }
  return { metaindex: readHandle(table, cursor), index: readHandle(table, cursor) }
}

/** The handles that stand as values in an index or metaindex block. @throws RangeError */
export function readHandles(block: Buffer): BlockHandle[] {
  if (block.byteLength < 4) throw new RangeError('no restarts')
  const restarts = block.readUInt32LE(block.byteLength - 4)
  const end = block.byteLength - 4 - 4 * restarts
  const handles: BlockHandle[] = []
  const cursor = { at: 0 }
  while (cursor.at < end) {
    readVarint(block, cursor) // Bytes of the key shared with the one before.
    const keyBytes = readVarint(block, cursor)
    const valueBytes = readVarint(block, cursor)
    cursor.at += keyBytes
    const value = block.subarray(cursor.at, cursor.at + valueBytes)
    handles.push(readHandle(value, { at: 0 }))
    cursor.at += valueBytes
  }
  return handles
}

function readHandle(bytes: Buffer, cursor: Cursor): BlockHandle {
  return { offset: readVarint(bytes, cursor), sizeBytes: readVarint(bytes, cursor) }
}
