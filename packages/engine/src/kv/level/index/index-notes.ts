import { bufferView } from '../../buffer-view.js'
import { xxh64 } from '../checksum.js'
import type { Position } from '../journal/segment.js'

/** What the index notes about itself, beside the rows. */

/** How far the journal has been applied. Stands in every batch. */
export interface Applied {
  readonly sequence: number
  /** What the live rows take in the journal, so that nobody has to count them. */
  readonly liveBytes: number
}

/** Everything up to here is durable in the index; replay begins here. */
export interface Checkpoint {
  readonly sequence: number
  /** The end of that frame. */
  readonly position: Position
}

export const appliedKey = Buffer.from([0, 0x61]) // a
export const markerKey = Buffer.from([0, 0x6d]) // m
export const checkpointKey = Buffer.from([0, 0x63]) // c

/** Numbers of 8 bytes, then their checksum, seeded so that a note of another store or kind does not pass. */
function encode(numbers: readonly number[], kind: Uint8Array, storeId: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(8 * numbers.length + 8)
  numbers.forEach((number, i) => void bytes.writeBigUInt64LE(BigInt(number), 8 * i))
  const end = 8 * numbers.length
  bytes.writeBigUInt64LE(xxh64(bytes.subarray(0, end), seedOf(kind, storeId)), end)
  return bytes
}

function decode(bytes: Uint8Array | undefined, count: number, kind: Uint8Array, storeId: Uint8Array) {
  if (bytes?.byteLength !== 8 * count + 8) return undefined
  const buffer = bufferView(bytes)
  const checksum = xxh64(buffer.subarray(0, 8 * count), seedOf(kind, storeId))
  if (buffer.readBigUInt64LE(8 * count) !== checksum) return undefined
  return Array.from({ length: count }, (_, i) => Number(buffer.readBigUInt64LE(8 * i)))
}

function seedOf(kind: Uint8Array, storeId: Uint8Array): bigint {
  return xxh64(storeId, xxh64(kind, 0n))
}

export function encodeApplied({ sequence, liveBytes }: Applied, storeId: Uint8Array): Uint8Array {
  return encode([sequence, liveBytes], appliedKey, storeId)
}

export function decodeApplied(bytes: Uint8Array | undefined, storeId: Uint8Array): Applied | undefined {
  const numbers = decode(bytes, 2, appliedKey, storeId)
  return numbers && { sequence: numbers[0]!, liveBytes: numbers[1]! }
}

export function encodeMarker(sequence: number, storeId: Uint8Array): Uint8Array {
  return encode([sequence], markerKey, storeId)
}

export function decodeMarker(bytes: Uint8Array | undefined, storeId: Uint8Array): number | undefined {
  return decode(bytes, 1, markerKey, storeId)?.[0]
}

export function encodeCheckpoint({ sequence, position }: Checkpoint, storeId: Uint8Array): Uint8Array {
  return encode([sequence, position.segment, position.offset], checkpointKey, storeId)
}

export function decodeCheckpoint(bytes: Uint8Array | undefined, storeId: Uint8Array): Checkpoint | undefined {
  const numbers = decode(bytes, 3, checkpointKey, storeId)
  return numbers && { sequence: numbers[0]!, position: { segment: numbers[1]!, offset: numbers[2]! } }
}
