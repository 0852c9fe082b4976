import { readHead, writeHead } from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/**
 * A document about a bucket as a whole. Documents are read and written whole, may be large, and no listing meets them:
 * they stand in their row's payload, as JSON.
 */
export function encodeDocument(document: object | string): { value: Uint8Array; payload: Uint8Array } {
  const row = new RowWriter(2)
  writeHead(row, 0)
  return { value: row.finish(), payload: new TextEncoder().encode(JSON.stringify(document)) }
}

/** What `encodeDocument` was given. The store vouches for the bytes, and only the engine writes them. */
export function decodeDocument(value: Uint8Array, payload: Uint8Array, label: string): unknown {
  const row = new RowReader(value, label)
  readHead(row, 0)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch {
    throw row.corrupt('its document cannot be read')
  }
}
