import { xxh64 } from '../checksum.js'

/**
 * A frame is one group of commits, written and synced as one: a header, the rows (with a checksum of their own)
 * and the payloads (each with its own), so that whoever wants the rows need not read the payloads. Byte by byte
 * in docs/format.md.
 */

export const recordKind = { put: 1, delete: 2, putWithoutItsPayload: 3 } as const
export type RecordKind = (typeof recordKind)[keyof typeof recordKind]

export interface FrameRecord {
  readonly kind: RecordKind
  readonly key: Uint8Array
  /** Empty for a delete. */
  readonly value: Uint8Array
  readonly revision: number
  readonly payloadBytes: number
}

/** A record to be written, with its payload's bytes. */
export interface NewRecord extends FrameRecord {
  readonly payload: Uint8Array | undefined
}

/** Offsets in the segment's file. */
export interface RecordPlace {
  readonly recordOffset: number
  readonly payloadOffset: number
}

export interface PlacedRecord extends FrameRecord, RecordPlace {}

export interface FrameHeader {
  readonly sequence: number
  /** The highest revision given out so far. */
  readonly lastRevision: number
  readonly lowestLive: number
}

export interface FrameSizes {
  readonly rowsBytes: number
  readonly payloadsBytes: number
  /** Of the whole frame, with its padding. */
  readonly sizeBytes: number
}

export const FRAME_MAGIC = Buffer.from('AQfr')
export const FRAME_HEADER_BYTES = 56
export const FRAME_ALIGNMENT = 8
export const PAYLOAD_CHECKSUM_BYTES = 8
const RECORD_HEADER_BYTES = 16
const NO_BYTES = new Uint8Array(0)

/** What a record takes in a frame. */
export function recordSizeBytes(keyBytes: number, valueBytes: number, payloadBytes: number): number {
  const payload = payloadBytes === 0 ? 0 : payloadBytes + PAYLOAD_CHECKSUM_BYTES
  return RECORD_HEADER_BYTES + keyBytes + valueBytes + payload
}

function frameSizes(rowsBytes: number, payloadsBytes: number): FrameSizes {
  const bare = FRAME_HEADER_BYTES + rowsBytes + payloadsBytes
  return { rowsBytes, payloadsBytes, sizeBytes: Math.ceil(bare / FRAME_ALIGNMENT) * FRAME_ALIGNMENT }
}

export function measureFrame(records: readonly NewRecord[]): FrameSizes {
  let rowsBytes = 0
  let payloadsBytes = 0
  for (const { key, value, payload } of records) {
    rowsBytes += RECORD_HEADER_BYTES + key.byteLength + value.byteLength
    if (payload !== undefined) payloadsBytes += payload.byteLength + PAYLOAD_CHECKSUM_BYTES
  }
  return frameSizes(rowsBytes, payloadsBytes)
}

export interface FrameSpot {
  readonly seed: bigint
  /** Where in the segment's file the frame begins. */
  readonly offset: number
}

/** Fills `target`, which has the frame's size, and says where each record and payload came to lie. */
export function encodeFrame(
  target: Buffer,
  records: readonly NewRecord[],
  sizes: FrameSizes,
  header: FrameHeader,
  spot: FrameSpot,
): RecordPlace[] {
  const places: RecordPlace[] = []
  let at = FRAME_HEADER_BYTES
  let payloadAt = at + sizes.rowsBytes
  for (const record of records) {
    places.push({ recordOffset: spot.offset + at, payloadOffset: spot.offset + payloadAt })
    at = encodeRecord(target, at, record)
    if (record.payload !== undefined) payloadAt = encodePayload(target, payloadAt, record.payload, spot)
  }
  target.fill(0, payloadAt)
  encodeHeader(target, records.length, sizes, header, spot)
  return places
}

function encodeRecord(target: Buffer, at: number, record: NewRecord): number {
  const { kind, key, value, revision, payloadBytes } = record
  target.writeUInt16LE(kind, at)
  target.writeUInt16LE(key.byteLength, at + 2)
  target.writeUInt16LE(value.byteLength, at + 4)
  target.writeUInt32LE(payloadBytes, at + 6)
  target.writeUIntLE(revision, at + 10, 6)
  target.set(key, at + RECORD_HEADER_BYTES)
  target.set(value, at + RECORD_HEADER_BYTES + key.byteLength)
  return at + RECORD_HEADER_BYTES + key.byteLength + value.byteLength
}

function encodePayload(target: Buffer, at: number, payload: Uint8Array, { seed, offset }: FrameSpot): number {
  target.set(payload, at)
  const end = at + payload.byteLength
  target.writeBigUInt64LE(xxh64(payload, seed + BigInt(offset + at)), end)
  return end + PAYLOAD_CHECKSUM_BYTES
}

function encodeHeader(
  target: Buffer,
  recordCount: number,
  { rowsBytes, payloadsBytes }: FrameSizes,
  { sequence, lastRevision, lowestLive }: FrameHeader,
  { seed, offset }: FrameSpot,
): void {
  target.set(FRAME_MAGIC, 0)
  target.writeUInt32LE(rowsBytes, 4)
  target.writeUInt32LE(payloadsBytes, 8)
  target.writeUInt32LE(recordCount, 12)
  target.writeBigUInt64LE(BigInt(sequence), 16)
  target.writeBigUInt64LE(BigInt(lastRevision), 24)
  target.writeBigUInt64LE(BigInt(lowestLive), 32)
  const rows = target.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + rowsBytes)
  target.writeBigUInt64LE(xxh64(rows, seed + BigInt(offset + FRAME_HEADER_BYTES)), 40)
  target.writeBigUInt64LE(xxh64(target.subarray(0, 48), seed + BigInt(offset)), 48)
}

export interface DecodedHeader extends FrameHeader, FrameSizes {
  readonly recordCount: number
  readonly rowsChecksum: bigint
}

/** Undefined where no frame begins. `bytes` are those at the spot, at least a header's. */
export function decodeFrameHeader(bytes: Buffer, { seed, offset }: FrameSpot): DecodedHeader | undefined {
  if (bytes.byteLength < FRAME_HEADER_BYTES || bytes.compare(FRAME_MAGIC, 0, 4, 0, 4) !== 0) return undefined
  if (bytes.readBigUInt64LE(48) !== xxh64(bytes.subarray(0, 48), seed + BigInt(offset))) return undefined
  return {
    ...frameSizes(bytes.readUInt32LE(4), bytes.readUInt32LE(8)),
    recordCount: bytes.readUInt32LE(12),
    sequence: Number(bytes.readBigUInt64LE(16)),
    lastRevision: Number(bytes.readBigUInt64LE(24)),
    lowestLive: Number(bytes.readBigUInt64LE(32)),
    rowsChecksum: bytes.readBigUInt64LE(40),
  }
}

/** Undefined where the rows are not what was written. Keys and values are views of `rows`. */
export function decodeRows(
  rows: Buffer,
  header: DecodedHeader,
  { seed, offset }: FrameSpot,
): PlacedRecord[] | undefined {
  const rowsOffset = offset + FRAME_HEADER_BYTES
  if (xxh64(rows, seed + BigInt(rowsOffset)) !== header.rowsChecksum) return undefined
  const records: PlacedRecord[] = []
  let payloadOffset = rowsOffset + header.rowsBytes
  let at = 0
  for (let left = header.recordCount; left > 0; left--) {
    const record = decodeRecord(rows, at, rowsOffset, payloadOffset)
    if (record === undefined) return undefined
    records.push(record)
    at += RECORD_HEADER_BYTES + record.key.byteLength + record.value.byteLength
    if (record.kind === recordKind.put && record.payloadBytes > 0)
      payloadOffset += record.payloadBytes + PAYLOAD_CHECKSUM_BYTES
  }
  const isWhole =
    at === rows.byteLength && payloadOffset === rowsOffset + rows.byteLength + header.payloadsBytes
  return isWhole ? records : undefined
}

function decodeRecord(
  rows: Buffer,
  at: number,
  rowsOffset: number,
  payloadOffset: number,
): PlacedRecord | undefined {
  if (at + RECORD_HEADER_BYTES > rows.byteLength) return undefined
  const kind = rows.readUInt16LE(at)
  if (kind !== recordKind.put && kind !== recordKind.delete && kind !== recordKind.putWithoutItsPayload)
    return undefined
  const keyAt = at + RECORD_HEADER_BYTES
  const valueAt = keyAt + rows.readUInt16LE(at + 2)
  const end = valueAt + rows.readUInt16LE(at + 4)
  if (end > rows.byteLength) return undefined
  return {
    kind,
    // A view that is no Buffer is made in half the time, and a rebuild makes millions of them.
    key: new Uint8Array(rows.buffer, rows.byteOffset + keyAt, valueAt - keyAt),
    value: valueAt === end ? NO_BYTES : new Uint8Array(rows.buffer, rows.byteOffset + valueAt, end - valueAt),
    revision: rows.readUIntLE(at + 10, 6),
    payloadBytes: rows.readUInt32LE(at + 6),
    recordOffset: rowsOffset + at,
    payloadOffset,
  }
}

/** The payload in `bytes` (payload, then checksum) as it stands at the spot; undefined where it is damaged. */
export function decodePayload(bytes: Buffer, { seed, offset }: FrameSpot): Uint8Array | undefined {
  const payload = bytes.subarray(0, bytes.byteLength - PAYLOAD_CHECKSUM_BYTES)
  const isGood = bytes.readBigUInt64LE(payload.byteLength) === xxh64(payload, seed + BigInt(offset))
  return isGood ? payload : undefined
}
