import type { DiskFile } from '../../disk.js'
import type { KvDamage, KvVerifyOptions } from '../kv.js'
import { everyRow } from './compaction.js'
import type { LiveIndex } from './index/live-index.js'
import { FileWindow } from './journal/file-window.js'
import { recordKind } from './journal/frame.js'
import { type DamagedStretch, readFrames, readPayloadOf } from './journal/frame-reader.js'
import type { Journal } from './journal/journal.js'
import type { Segment } from './journal/segment.js'
import { SEGMENT_HEADER_BYTES } from './journal/segment-header.js'

export interface VerifyParts extends Pick<KvVerifyOptions, 'onProgress'> {
  readonly journal: Journal
  readonly index: LiveIndex
  readonly signal: AbortSignal
}

/** Reads back the index's tables, every frame, and every payload that a row still names. */
export async function* verifyJournal(parts: VerifyParts): AsyncGenerator<KvDamage, void, undefined> {
  const { journal, index, signal, onProgress } = parts
  const damage = await index.current.findDamage(signal)
  if (damage !== undefined) yield { code: 'DamagedIndex', detail: damage }
  const { end, frameBytes: totalBytes } = journal
  let doneBytes = 0
  const advance = (bytes: number) => {
    doneBytes += bytes
    onProgress?.({ doneBytes, totalBytes })
  }
  for (const segment of [...journal.chain]) {
    signal.throwIfAborted()
    // One that was compacted away meanwhile has nothing more to say.
    if (journal.segment(segment.number) === undefined) continue
    const sealedBytes = segment.number === end.segment ? end.offset : segment.sealedBytes!
    const found: SegmentDamage = { stretches: [], payloads: [] }
    try {
      await journal.readers.use(segment.number, (file) =>
        readSegment(parts, { segment, end: sealedBytes, file, found, advance }),
      )
    } catch (error) {
      const detail = `segment ${segment.number}: ${(error as Error).message}`
      if (!isUnreadable(error)) throw error
      yield { code: 'UnreadableSegment', detail }
    }
    yield* found.payloads
    for (const stretch of found.stretches) yield* tellStretch(parts, segment, stretch)
  }
}

interface SegmentDamage {
  readonly stretches: DamagedStretch[]
  readonly payloads: KvDamage[]
}

interface SegmentReading {
  readonly segment: Segment
  readonly end: number
  readonly file: DiskFile
  readonly found: SegmentDamage
  advance(bytes: number): void
}

async function readSegment(
  { index, signal }: VerifyParts,
  { segment, end, file, found, advance }: SegmentReading,
): Promise<void> {
  const payloads = new FileWindow(file, segment.sizeBytes)
  for await (const frame of readFrames(file, segment, { from: SEGMENT_HEADER_BYTES, end })) {
    signal.throwIfAborted()
    if (frame.type === 'damaged') {
      found.stretches.push(frame)
      advance(frame.length)
      continue
    }
    for (const record of frame.records) {
      if (record.kind !== recordKind.put || record.payloadBytes === 0) continue
      const row = index.current.find(record.key)
      if (row?.segment !== segment.number || row.recordOffset !== record.recordOffset) continue
      if ((await readPayloadOf(payloads, segment, record)) !== undefined) continue
      const place = `segment ${segment.number}, offset ${record.payloadOffset}`
      const key = new Uint8Array(record.key) // The frame's buffer is lent.
      found.payloads.push({ code: 'DamagedPayload', detail: `${place}: a payload is damaged`, key })
    }
    advance(frame.sizeBytes)
  }
}

/** The stretch, then each row whose record lies in it. The index still has those; the journal has them no more. */
async function* tellStretch(
  { index, signal }: VerifyParts,
  { number }: Segment,
  { offset, length }: DamagedStretch,
): AsyncGenerator<KvDamage> {
  const place = `segment ${number}, offset ${offset}`
  yield { code: 'DamagedFrame', detail: `${place}: ${length} bytes hold no good frame` }
  for await (const [key, row] of everyRow(index, signal))
    if (row.segment === number && row.recordOffset >= offset && row.recordOffset < offset + length)
      yield { code: 'DamagedRow', detail: `${place}: only the index still has this row`, key }
}

/** Lost bytes or a lost file, as a disk tells of them. */
function isUnreadable(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EIO' || code === 'ENOENT'
}
