import type { DiskFile } from '../../disk.js'
import type { Move } from './commit/move-member.js'
import type { IndexRow } from './index/index-row.js'
import type { LiveIndex } from './index/live-index.js'
import { FileWindow } from './journal/file-window.js'
import { type NewRecord, type PlacedRecord, recordKind } from './journal/frame.js'
import { type DamagedStretch, readFrames, readPayloadOf } from './journal/frame-reader.js'
import type { Journal } from './journal/journal.js'
import type { Segment } from './journal/segment.js'
import { SEGMENT_HEADER_BYTES } from './journal/segment-header.js'
import type { Writer } from './writer.js'

const MOVES_BYTES_MAX = 256 * 1024
const SALVAGE_PAGE_ROWS = 1_000

export interface CompactionParts {
  readonly journal: Journal
  readonly index: LiveIndex
  readonly writer: Writer
  readonly signal: AbortSignal
}

/**
 * Empties the oldest segment: what of it the index still names is moved to the journal's end, through the same
 * groups as everybody's commits, and deletes in it are dropped, for there is nothing older that they could hide.
 * When the moves are durable, a frame says that the segment is dead, and only then its file is used again. Done
 * again after a crash it does no harm.
 */
export async function compactOldest(parts: CompactionParts, freed: 'recycle' | 'remove'): Promise<void> {
  const { journal, writer, signal } = parts
  const segment = journal.chain[0]!
  const next = journal.chain[1]!
  const end = segment.sealedBytes!
  const mover = new Mover(writer, Math.min(MOVES_BYTES_MAX, journal.nextSegmentBytes / 4))
  let isDamaged = false
  await journal.readers.use(segment.number, async (file) => {
    const payloads = new FileWindow(file, segment.sizeBytes)
    for await (const found of readFrames(file, segment, { from: SEGMENT_HEADER_BYTES, end })) {
      signal.throwIfAborted()
      if (found.type === 'damaged') {
        isDamaged = true
        await salvage(parts, mover, segment, found, file)
        continue
      }
      for (const record of found.records) {
        const row = record.kind === recordKind.delete ? undefined : parts.index.current.find(record.key)
        if (row?.segment !== segment.number || row.recordOffset !== record.recordOffset) continue
        const moved = await movedRecord(payloads, segment, record)
        isDamaged ||= moved.kind === recordKind.putWithoutItsPayload && record.kind === recordKind.put
        await mover.add(moved, row)
      }
    }
  })
  await mover.finish()
  journal.raiseLowestLive(next.number)
  await writer.writeFrame()
  await journal.drop(segment.number, isDamaged ? 'quarantine' : freed)
}

/** The record as it is written again: with its payload, or, where that is damaged, marked as without. */
async function movedRecord(payloads: FileWindow, segment: Segment, record: PlacedRecord): Promise<NewRecord> {
  const { kind, key, value, revision, payloadBytes } = record
  // The frame's buffer is lent; the move outlives it.
  const copy = { key: new Uint8Array(key), value: new Uint8Array(value), revision, payloadBytes }
  if (kind === recordKind.putWithoutItsPayload) return { ...copy, kind, payload: undefined }
  if (payloadBytes === 0) return { ...copy, kind, payload: undefined }
  const payload = await readPayloadOf(payloads, segment, record)
  return payload === undefined
    ? { ...copy, kind: recordKind.putWithoutItsPayload, payload: undefined }
    : { ...copy, kind, payload: new Uint8Array(payload) }
}

/** The rows of a stretch that can no longer be read are still in the index; only payloads can be lost with it. */
async function salvage(
  { index, signal }: CompactionParts,
  mover: Mover,
  segment: Segment,
  { offset, length }: DamagedStretch,
  file: DiskFile,
): Promise<void> {
  const payloads = new FileWindow(file, segment.sizeBytes)
  for await (const [key, row] of everyRow(index, signal)) {
    if (row.segment !== segment.number || row.recordOffset < offset || row.recordOffset >= offset + length)
      continue
    const kind = row.isPayloadLost ? recordKind.putWithoutItsPayload : recordKind.put
    await mover.add(await movedRecord(payloads, segment, { ...row, kind, key }), row)
  }
}

export async function* everyRow(
  index: LiveIndex,
  signal: AbortSignal,
): AsyncGenerator<[Uint8Array, IndexRow]> {
  let from: Uint8Array = Buffer.alloc(1)
  const to = Buffer.alloc(8 * 1024, 0xff)
  for (;;) {
    signal.throwIfAborted()
    const rows = await index.current.scan({ from, to, limit: SALVAGE_PAGE_ROWS })
    yield* rows
    if (rows.length < SALVAGE_PAGE_ROWS) return
    from = Buffer.concat([rows.at(-1)![0], Buffer.alloc(1)])
  }
}

/** Gathers moves, and waits for each lot before it gathers more. */
class Mover {
  readonly #writer: Writer
  readonly #bytesMax: number
  #moves: Move[] = []
  #bytes = 0

  constructor(writer: Writer, bytesMax: number) {
    this.#writer = writer
    this.#bytesMax = bytesMax
  }

  async add(record: NewRecord, { segment, recordOffset }: IndexRow): Promise<void> {
    this.#moves.push({ record, from: { segment, recordOffset } })
    this.#bytes += record.key.byteLength + record.value.byteLength + (record.payload?.byteLength ?? 0)
    if (this.#bytes >= this.#bytesMax) await this.finish()
  }

  async finish(): Promise<void> {
    const moves = this.#moves
    this.#moves = []
    this.#bytes = 0
    if (moves.length > 0) await this.#writer.move(moves)
  }
}
