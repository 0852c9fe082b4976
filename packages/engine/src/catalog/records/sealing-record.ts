import type { Sealed } from './access-key-record.js'
import { readHead, writeHead } from './fields.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

/** The keys that secrets were sealed by, in ascending order of their generations, each sealed by the key from outside. */
export function encodeSealing(keys: readonly Sealed[]): Uint8Array {
  const row = new RowWriter(96)
  writeHead(row, 0)
  row.varint(keys.length)
  for (const { generation, bytes } of keys) {
    row.varint(generation)
    row.varint(bytes.byteLength)
    row.bytes(bytes)
  }
  return row.finish()
}

export function decodeSealing(value: Uint8Array): Sealed[] {
  const row = new RowReader(value, 'the sealing keys')
  readHead(row, 0)
  const keys: Sealed[] = []
  for (let count = row.varint(); count > 0; count--) {
    const generation = row.varint()
    if (generation <= (keys.at(-1)?.generation ?? 0)) throw row.corrupt('its generations are out of order')
    keys.push({ generation, bytes: row.bytes(row.varint()) })
  }
  if (keys.length === 0) throw row.corrupt('it holds no key')
  if (!row.done) throw row.corrupt('it is longer than its content')
  return keys
}
