import { readHead, writeHead } from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/** The last time seen, in milliseconds, on which the end of retentions rests over a restart. */
export function encodeLockTime(lastSeenMs: number): Uint8Array {
  const row = new RowWriter(8)
  writeHead(row, 0)
  row.u48(lastSeenMs)
  return row.finish()
}

export function decodeLockTime(value: Uint8Array): number {
  const row = new RowReader(value, 'the last time seen')
  readHead(row, 0)
  const lastSeenMs = row.u48()
  if (!row.done) throw row.corrupt('it is longer than its content')
  return lastSeenMs
}
