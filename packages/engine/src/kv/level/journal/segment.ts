import type { SegmentHeader } from './segment-header.js'

/** One file of the journal, as the running store knows it. */
export interface Segment {
  readonly header: SegmentHeader
  readonly number: number
  readonly sizeBytes: number
  /** What its frames' checksums are seeded with, before their offsets. */
  readonly seed: bigint
  /** The end of its last good frame, once nothing more is written to it. */
  sealedBytes: number | undefined
}

/** Where a frame or a record begins, or the next one will. */
export interface Position {
  readonly segment: number
  readonly offset: number
}

export function segmentOf(header: SegmentHeader, sealedBytes?: number): Segment {
  return {
    header,
    number: header.number,
    sizeBytes: header.sizeBytes,
    seed: header.seed + (BigInt(header.number) << 32n),
    sealedBytes,
  }
}
