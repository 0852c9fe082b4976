import { readHead, writeHead } from './fields.js'
import { decodeObject, encodeObject, type ObjectRecord } from './object-record.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/** What is remembered of a rename that had a request id, so that asking again gives the same answer. */
export interface RememberedRename {
  /** SHA-256 of what was asked: anything else is not the same request. */
  readonly digest: Uint8Array
  /** The object as it was then, without its bytes. */
  readonly record: ObjectRecord
}

const HEAD_BYTES = 2
const DIGEST_BYTES = 32

const withoutBytes = (record: ObjectRecord): ObjectRecord => ({
  ...record,
  body: { kind: 'inline', sizeBytes: record.sizeBytes },
})

export function encodeRememberedRename({ digest, record }: RememberedRename): Uint8Array {
  const row = new RowWriter()
  writeHead(row, 0)
  row.bytes(digest)
  row.bytes(encodeObject(withoutBytes(record)))
  return row.finish()
}

export function decodeRememberedRename(value: Uint8Array, label?: string): RememberedRename {
  const row = new RowReader(value, label)
  readHead(row, 0)
  const digest = row.bytes(DIGEST_BYTES)
  const record = decodeObject(row.bytes(value.byteLength - HEAD_BYTES - DIGEST_BYTES), label)
  return { digest, record: withoutBytes(record) }
}
