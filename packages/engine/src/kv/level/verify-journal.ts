import type { DiskFile } from '../../disk.js'
import type { KvDamage } from '../kv.js'
import type { LiveIndex } from './index/live-index.js'
import { FileWindow } from './journal/file-window.js'
import { recordKind } from './journal/frame.js'
import { readFrames, readPayloadOf } from './journal/frame-reader.js'
import type { Journal } from './journal/journal.js'
import type { Segment } from './journal/segment.js'
import { SEGMENT_HEADER_BYTES } from './journal/segment-header.js'

export interface VerifyParts {
  readonly journal: Journal
  readonly index: LiveIndex
  readonly signal: AbortSignal
}

/** Reads back the index's tables, every frame, and every payload that a row still names. */
export async function* verifyJournal(parts: VerifyParts): AsyncGenerator<KvDamage, void, undefined> {
  const { journal, index, signal } = parts
  const damage = await index.current.findDamage(signal)
  if (damage !== undefined) yield { code: 'DamagedIndex', detail: damage }
  const { end } = journal
  for (const segment of [...journal.chain]) {
    signal.throwIfAborted()
    // One that was compacted away meanwhile has nothing more to say.
    if (journal.segment(segment.number) === undefined) continue
    const sealedBytes = segment.number === end.segment ? end.offset : segment.sealedBytes!
    yield* await journal.readers.use(segment.number, (file) =>
      verifySegment(parts, segment, sealedBytes, file),
    )
  }
}

async function verifySegment(
  { index, signal }: VerifyParts,
  segment: Segment,
  end: number,
  file: DiskFile,
): Promise<KvDamage[]> {
  const found: KvDamage[] = []
  const payloads = new FileWindow(file, segment.sizeBytes)
  for await (const frame of readFrames(file, segment, { from: SEGMENT_HEADER_BYTES, end })) {
    signal.throwIfAborted()
    const place = `segment ${segment.number}, offset ${frame.offset}`
    if (frame.type === 'damaged') {
      found.push({ code: 'DamagedFrame', detail: `${place}: ${frame.length} bytes hold no good frame` })
      continue
    }
    for (const record of frame.records) {
      if (record.kind !== recordKind.put || record.payloadBytes === 0) continue
      const row = index.current.find(record.key)
      if (row?.segment !== segment.number || row.recordOffset !== record.recordOffset) continue
      if ((await readPayloadOf(payloads, segment, record)) !== undefined) continue
      const key = JSON.stringify(Buffer.from(record.key).toString('latin1'))
      found.push({ code: 'DamagedPayload', detail: `${place}: the payload of ${key}` })
    }
  }
  return found
}
