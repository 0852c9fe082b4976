import type { DiskFile } from '../../../disk.js'
import { FileWindow } from './file-window.js'
import {
  decodeFrameHeader,
  decodePayload,
  decodeRows,
  FRAME_ALIGNMENT,
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
  type FrameHeader,
  PAYLOAD_CHECKSUM_BYTES,
  type PlacedRecord,
  recordKind,
} from './frame.js'
import type { Segment } from './segment.js'

export interface FoundFrame extends FrameHeader {
  readonly type: 'frame'
  readonly offset: number
  readonly sizeBytes: number
  /** Lent until the next frame is asked for. */
  readonly records: readonly PlacedRecord[]
}

/** Bytes that should hold frames and do not, though a good frame or the seal behind them says they were synced. */
export interface DamagedStretch {
  readonly type: 'damaged'
  readonly offset: number
  readonly length: number
}

const SCAN_STEP_BYTES = 1024 * 1024

/**
 * The frames of one segment in their order, rows checked and payloads not. Without an end the last frames may
 * be missing: what is not good and has nothing good behind it was never finished.
 */
export async function* readFrames(
  file: DiskFile,
  segment: Segment,
  { from, end }: { from: number; end: number | undefined },
): AsyncGenerator<FoundFrame | DamagedStretch, void, undefined> {
  const reader = new Reader(file, segment, end ?? segment.sizeBytes)
  let offset = from
  while (offset < reader.end) {
    const frame = await reader.frameAt(offset)
    if (frame !== undefined) {
      yield frame
      offset += frame.sizeBytes
      continue
    }
    const next = (await reader.findFrame(offset + FRAME_ALIGNMENT)) ?? end
    if (next === undefined) return
    yield { type: 'damaged', offset, length: next - offset }
    offset = next
  }
}

/** Whether every payload of the frame is what was written. */
export async function arePayloadsGood(
  file: DiskFile,
  segment: Segment,
  records: readonly PlacedRecord[],
): Promise<boolean> {
  const window = new FileWindow(file, segment.sizeBytes)
  for (const record of records) {
    if (record.kind !== recordKind.put || record.payloadBytes === 0) continue
    if ((await readPayloadOf(window, segment, record)) === undefined) return false
  }
  return true
}

/** Lent until the window is read again; undefined where it is damaged. */
export async function readPayloadOf(
  window: FileWindow,
  { seed }: Segment,
  { payloadOffset: offset, payloadBytes }: PlacedRecord,
): Promise<Uint8Array | undefined> {
  const length = payloadBytes + PAYLOAD_CHECKSUM_BYTES
  const bytes = await window.read(offset, length)
  return bytes.byteLength === length ? decodePayload(bytes, { seed, offset }) : undefined
}

class Reader {
  readonly #window: FileWindow
  readonly #seed: bigint
  readonly end: number

  constructor(file: DiskFile, segment: Segment, end: number) {
    this.#window = new FileWindow(file, end)
    this.#seed = segment.seed
    this.end = end
  }

  async frameAt(offset: number): Promise<FoundFrame | undefined> {
    const spot = { seed: this.#seed, offset }
    const header = decodeFrameHeader(await this.#window.read(offset, FRAME_HEADER_BYTES), spot)
    if (header === undefined || offset + header.sizeBytes > this.end) return undefined
    const rows = await this.#window.read(offset + FRAME_HEADER_BYTES, header.rowsBytes)
    const records = rows.byteLength === header.rowsBytes ? decodeRows(rows, header, spot) : undefined
    if (records === undefined) return undefined
    const { sizeBytes, sequence, lastRevision, lowestLive } = header
    return { type: 'frame', offset, sizeBytes, sequence, lastRevision, lowestLive, records }
  }

  /** The next good frame at or behind the offset. */
  async findFrame(from: number): Promise<number | undefined> {
    for (let at = from; at < this.end; at += SCAN_STEP_BYTES) {
      const bytes = Buffer.from(await this.#window.read(at, SCAN_STEP_BYTES + FRAME_MAGIC.length))
      for (let i = bytes.indexOf(FRAME_MAGIC); i !== -1; i = bytes.indexOf(FRAME_MAGIC, i + 1)) {
        const isAligned = (at + i) % FRAME_ALIGNMENT === 0
        if (isAligned && (await this.frameAt(at + i)) !== undefined) return at + i
      }
    }
    return undefined
  }
}
