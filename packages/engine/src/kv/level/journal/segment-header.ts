import { bufferView } from '../../buffer-view.js'
import { xxh64 } from '../checksum.js'

/** What a segment says of itself and of the journal before it. Byte by byte in docs/format.md. */
export interface SegmentHeader {
  /** 16 bytes, the same in every file of one store. */
  readonly storeId: Uint8Array
  readonly number: number
  readonly sizeBytes: number
  /** 0 where there is none. Segments between the two were given up before a frame was written. */
  readonly previousNumber: number
  /** Where the previous segment's last good frame ends; what lies behind never was. */
  readonly previousSealedBytes: number
  /** The last before this segment's first frame. */
  readonly lastSequence: number
  readonly lastRevision: number
  readonly lowestLive: number
  /** New and random for each use of a file, so that what the file held before cannot pass for a frame. */
  readonly seed: bigint
}

const MAGIC = Buffer.from('AQSEGMT')
export const SEGMENT_FORMAT = 1
const COPY_BYTES = 4096
const CHECKED_BYTES = 88
/** Both copies of the header; the first frame begins behind them. */
export const SEGMENT_HEADER_BYTES = 2 * COPY_BYTES

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES)
  bytes.set(MAGIC, 0)
  bytes.writeUInt8(SEGMENT_FORMAT, 7)
  bytes.set(header.storeId, 8)
  const numbers = [
    header.number,
    header.sizeBytes,
    header.previousNumber,
    header.previousSealedBytes,
    header.lastSequence,
    header.lastRevision,
    header.lowestLive,
  ]
  numbers.forEach((number, i) => void bytes.writeBigUInt64LE(BigInt(number), 24 + 8 * i))
  bytes.writeBigUInt64LE(header.seed, 80)
  bytes.writeBigUInt64LE(xxh64(bytes.subarray(0, CHECKED_BYTES), 0n), CHECKED_BYTES)
  bytes.copy(bytes, COPY_BYTES, 0, COPY_BYTES)
  return bytes
}

/** From either copy. Undefined where neither is good; the format's number where it is one we do not know. */
export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeader | { tooNew: number } | undefined {
  return decodeCopy(bytes.subarray(0, COPY_BYTES)) ?? decodeCopy(bytes.subarray(COPY_BYTES, 2 * COPY_BYTES))
}

function decodeCopy(copy: Uint8Array): SegmentHeader | { tooNew: number } | undefined {
  if (copy.byteLength < CHECKED_BYTES + 8) return undefined
  const bytes = bufferView(copy)
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined
  if (bytes.readBigUInt64LE(CHECKED_BYTES) !== xxh64(bytes.subarray(0, CHECKED_BYTES), 0n)) return undefined
  const format = bytes.readUInt8(7)
  if (format !== SEGMENT_FORMAT) return { tooNew: format }
  const number = (i: number) => Number(bytes.readBigUInt64LE(24 + 8 * i))
  return {
    storeId: new Uint8Array(bytes.subarray(8, 24)),
    number: number(0),
    sizeBytes: number(1),
    previousNumber: number(2),
    previousSealedBytes: number(3),
    lastSequence: number(4),
    lastRevision: number(5),
    lowestLive: number(6),
    seed: bytes.readBigUInt64LE(80),
  }
}
