import { bufferView } from '../../buffer-view.js'
import { xxh64, xxh64OfText } from '../checksum.js'

/** What the index holds of a row: all but the payload, and where the journal has it. */
export interface IndexRow {
  readonly revision: number
  readonly segment: number
  readonly recordOffset: number
  readonly payloadOffset: number
  readonly payloadBytes: number
  /** The payload's bytes were found damaged when the row was moved; only the row could be saved. */
  readonly isPayloadLost: boolean
  readonly value: Uint8Array
}

const HEADER_BYTES = 33
const PAYLOAD_LOST = 1

/** Begins with a checksum of all the rest that is seeded with the key's, so that no other key's value will do. */
export function encodeIndexRow(key: Uint8Array, row: IndexRow): Uint8Array {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + row.value.byteLength)
  bytes.writeUIntLE(row.revision, 8, 6)
  bytes.writeUIntLE(row.segment, 14, 6)
  bytes.writeUInt32LE(row.recordOffset, 20)
  bytes.writeUInt32LE(row.payloadOffset, 24)
  bytes.writeUInt32LE(row.payloadBytes, 28)
  bytes.writeUInt8(row.isPayloadLost ? PAYLOAD_LOST : 0, 32)
  bytes.set(row.value, HEADER_BYTES)
  bytes.writeBigUInt64LE(checksumOf(key, bytes), 0)
  return bytes
}

/** Undefined where it is not what was written under this key. The value is a view of `bytes`. */
export function decodeIndexRow(key: Uint8Array | string, bytes: Uint8Array): IndexRow | undefined {
  if (bytes.byteLength < HEADER_BYTES) return undefined
  const buffer = bufferView(bytes)
  expected.setBigUint64(0, checksumOf(key, bytes), true)
  if (expected.getUint32(0, true) !== buffer.readUInt32LE(0)) return undefined
  if (expected.getUint32(4, true) !== buffer.readUInt32LE(4)) return undefined
  return {
    revision: buffer.readUIntLE(8, 6),
    segment: buffer.readUIntLE(14, 6),
    recordOffset: buffer.readUInt32LE(20),
    payloadOffset: buffer.readUInt32LE(24),
    payloadBytes: buffer.readUInt32LE(28),
    isPayloadLost: buffer.readUInt8(32) === PAYLOAD_LOST,
    value: buffer.subarray(HEADER_BYTES),
  }
}

/** Compared by halves: making a bigint of what is stored costs as much as hashing it. */
const expected = new DataView(new ArrayBuffer(8))

/** A key given as text is its UTF-8. */
function checksumOf(key: Uint8Array | string, bytes: Uint8Array): bigint {
  const seed = typeof key === 'string' ? xxh64OfText(key, 0n) : xxh64(key, 0n)
  return xxh64(new Uint8Array(bytes.buffer, bytes.byteOffset + 8, bytes.byteLength - 8), seed)
}
