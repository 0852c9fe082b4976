import type { RowReader } from './row-reader.js'
import type { RowWriter } from './row-writer.js'

const TEXT = 0
const MD5 = 1
const MD5_OF_PARTS = 2

const md5Form = /^([0-9a-f]{32})(?:-([1-9][0-9]{0,4}))?$/

/** An MD5 takes 16 bytes (and two for its number of parts) instead of 32; any other ETag is kept as text. */
export function writeEtag(row: RowWriter, etag: string): void {
  const match = md5Form.exec(etag)
  const parts = match?.[2] === undefined ? 0 : Number(match[2])
  if (match === null || parts > 0xffff) {
    row.u8(TEXT)
    row.prefixedText(etag)
    return
  }
  row.u8(parts === 0 ? MD5 : MD5_OF_PARTS)
  row.bytes(Buffer.from(match[1]!, 'hex'))
  if (parts !== 0) row.u16(parts)
}

export function readEtag(row: RowReader): string {
  const kind = row.u8()
  if (kind === TEXT) return row.prefixedText()
  if (kind === MD5) return row.hex(16)
  if (kind !== MD5_OF_PARTS) throw row.corrupt('its ETag is of an unknown kind')
  const md5 = row.hex(16)
  const parts = row.u16()
  if (parts === 0) throw row.corrupt('its ETag counts no parts')
  return `${md5}-${parts}`
}

export function skipEtag(row: RowReader): void {
  const kind = row.u8()
  if (kind > MD5_OF_PARTS) throw row.corrupt('its ETag is of an unknown kind')
  row.skip(kind === TEXT ? row.varint() : kind === MD5 ? 16 : 18)
}
