import { type KvLimits, kvLimits } from '../kv.js'
import { recordSizeBytes } from './journal/frame.js'
import { SEGMENT_HEADER_BYTES } from './journal/segment-header.js'

export const SEGMENT_BYTES_MIN = 64 * 1024

/** A commit must fit in one frame, and a frame in one segment; only small segments narrow what callers may do. */
export function limitsFor(segmentBytes: number): KvLimits {
  const room = segmentBytes - SEGMENT_HEADER_BYTES
  const commitBytes = Math.min(kvLimits.commitBytes, Math.floor(room / 4))
  const commitPayloadBytes = Math.min(kvLimits.commitPayloadBytes, Math.floor(room / 4))
  return {
    keyBytes: kvLimits.keyBytes,
    valueBytes: Math.min(kvLimits.valueBytes, commitBytes - kvLimits.keyBytes),
    payloadBytes: Math.min(kvLimits.payloadBytes, commitPayloadBytes),
    commitRows: Math.min(kvLimits.commitRows, Math.floor(room / 4 / recordSizeBytes(0, 0, 1))),
    commitBytes,
    commitPayloadBytes,
  }
}
