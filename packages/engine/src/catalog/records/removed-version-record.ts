import { readHead, writeHead } from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/** When a version was removed for good, in milliseconds. */
export function encodeRemovedVersion(removedMs: number): Uint8Array {
  const row = new RowWriter(8)
  writeHead(row, 0)
  row.u48(removedMs)
  return row.finish()
}

export function decodeRemovedVersion(value: Uint8Array, label = 'a removed version'): number {
  const row = new RowReader(value, label)
  readHead(row, 0)
  const removedMs = row.u48()
  if (!row.done) throw row.corrupt('it is longer than its content')
  return removedMs
}
