import { kvLimits } from '../../kv/kv.js'
import { limits } from '../../limits.js'
import type { Extent } from './extent.js'
import { RowReader } from './row-reader.js'
import { RowWriter } from './row-writer.js'

const HAS_PART = 1
const HAS_CHECKSUM = 2
const OWNER_STEP = 4

/**
 * A run of extents to the end of its row or field: the ids of the other bodies that own blobs, each once;
 * then for every extent a head (its place among the owners, 0 for this body; whether a part begins here and
 * whether it has a checksum), blob, offset and length.
 */
export function writeExtents(row: RowWriter, extents: readonly Extent[]): void {
  const places = new Map<string, number>()
  const owners: Uint8Array[] = []
  for (const { owner } of extents) {
    if (owner === undefined) continue
    const name = idText(owner)
    if (places.has(name)) continue
    owners.push(owner)
    places.set(name, owners.length)
  }
  row.varint(owners.length)
  for (const owner of owners) row.id(owner)
  for (const { blobId, offset, length, owner, part } of extents) {
    const place = owner === undefined ? 0 : places.get(idText(owner))!
    const flags = (part === undefined ? 0 : HAS_PART) | (part?.checksum === undefined ? 0 : HAS_CHECKSUM)
    row.varint(place * OWNER_STEP + flags)
    row.varint(blobId)
    row.varint(offset)
    row.varint(length)
    if (part === undefined) continue
    row.varint(part.number)
    row.varint(part.sizeBytes)
    if (part.checksum === undefined) continue
    row.varint(part.checksum.byteLength)
    row.bytes(part.checksum)
  }
}

export function readExtents(row: RowReader): Extent[] {
  const ownerCount = row.varint()
  const owners: Uint8Array[] = []
  for (let place = 0; place < ownerCount; place++) owners.push(row.id())
  const extents: Extent[] = []
  while (!row.done) extents.push(readExtent(row, owners))
  return extents
}

function readExtent(row: RowReader, owners: readonly Uint8Array[]): Extent {
  const head = row.varint()
  const flags = head % OWNER_STEP
  const place = (head - flags) / OWNER_STEP
  if (flags === HAS_CHECKSUM) throw row.corrupt('an extent has a checksum and no part')
  if (place > owners.length) throw row.corrupt('an extent names an owner that is not there')
  const extent: Extent = { blobId: row.varint(), offset: row.varint(), length: row.varint() }
  if (place > 0) extent.owner = owners[place - 1]!
  if ((flags & HAS_PART) !== 0) {
    extent.part = { number: row.varint(), sizeBytes: row.varint() }
    if ((flags & HAS_CHECKSUM) !== 0) extent.part.checksum = row.bytes(row.varint())
  }
  return extent
}

function idText(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1')
}

/** The value of an `e/` row. It must fit: see {@link packExtents}. */
export function encodeExtents(extents: readonly Extent[]): Uint8Array {
  const row = new RowWriter(64 + 24 * extents.length)
  writeExtents(row, extents)
  return row.finish()
}

export function decodeExtents(value: Uint8Array, label?: string): Extent[] {
  return readExtents(new RowReader(value, label))
}

/**
 * As many extents from `start` on as one row holds: 512, or fewer where long checksums would make the row
 * larger than a store takes. `end` is where the next row begins.
 */
export function packExtents(extents: readonly Extent[], start = 0): { value: Uint8Array; end: number } {
  for (let count: number = limits.extentsPerRow; ; count = Math.floor(count / 2)) {
    const end = Math.min(start + count, extents.length)
    const value = encodeExtents(extents.slice(start, end))
    if (value.byteLength <= kvLimits.valueBytes) return { value, end }
  }
}
