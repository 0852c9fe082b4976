import { readHead, writeHead } from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/** The families whose rows are looked at, in this order: objects, those whose current version is a delete marker, uploads. */
export const indexedFamilies = ['objects', 'deleted', 'uploads'] as const
export type IndexedFamily = (typeof indexedFamilies)[number]

/** How far the look at what a bucket held before its rules has come. */
export interface IndexingRecord {
  /** The rules it is made under: others begin anew. */
  readonly lifecycleId: Uint8Array
  readonly bucket: string
  readonly family: IndexedFamily
  /** Rows looked at so far. */
  readonly keys: number
  /** The row looked at last, whole; empty at the beginning of a family. */
  readonly after: Uint8Array
}

export function encodeIndexing(record: IndexingRecord): Uint8Array {
  const row = new RowWriter(128)
  writeHead(row, 0)
  row.id(record.lifecycleId)
  row.prefixedText(record.bucket)
  row.u8(indexedFamilies.indexOf(record.family))
  row.varint(record.keys)
  row.bytes(record.after)
  return row.finish()
}

export function decodeIndexing(value: Uint8Array): IndexingRecord {
  const row = new RowReader(value, 'the look at a bucket under its lifecycle rules')
  readHead(row, 0)
  const [lifecycleId, bucket] = [row.id(), row.prefixedText()]
  const family = indexedFamilies[row.u8()]
  if (family === undefined) throw row.corrupt('its family is unknown')
  return { lifecycleId, bucket, family, keys: row.varint(), after: row.rest() }
}
