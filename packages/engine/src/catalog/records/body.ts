import type { Extent } from './extent.js'
import { readExtents, writeExtents } from './extent-row.js'
import type { RowReader } from './row-reader.js'
import type { RowWriter } from './row-writer.js'

/** Where an object's bytes lie. */
export type Body =
  /** The payload of the record's row; no bytes, no payload. */
  | { kind: 'inline'; sizeBytes: number }
  /** Up to 64 extents, in the record. */
  | { kind: 'extents'; bodyId: Uint8Array; sizeBytes: number; extents: readonly Extent[] }
  /** Extents in `e/` rows under the body's id. */
  | { kind: 'long'; bodyId: Uint8Array; sizeBytes: number; extentCount: number }

const INLINE = 0
const EXTENTS = 1
const LONG = 2

export function writeBody(row: RowWriter, body: Body): void {
  row.u8(body.kind === 'inline' ? INLINE : body.kind === 'extents' ? EXTENTS : LONG)
  row.varint(body.sizeBytes)
  if (body.kind === 'inline') return
  row.id(body.bodyId)
  if (body.kind === 'extents') writeExtents(row, body.extents)
  else row.varint(body.extentCount)
}

export function readBody(row: RowReader): Body {
  const kind = row.u8()
  const sizeBytes = row.varint()
  if (kind === INLINE) return { kind: 'inline', sizeBytes }
  if (kind === EXTENTS) return { kind: 'extents', bodyId: row.id(), sizeBytes, extents: readExtents(row) }
  if (kind === LONG) return { kind: 'long', bodyId: row.id(), sizeBytes, extentCount: row.varint() }
  throw row.corrupt('its body is of an unknown kind')
}
