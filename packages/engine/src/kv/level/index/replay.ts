import { recordKind, recordSizeBytes } from '../journal/frame.js'
import { type FoundFrame, readFrames } from '../journal/frame-reader.js'
import type { Journal } from '../journal/journal.js'
import type { OnDamage } from '../journal/recover-journal.js'
import type { Position } from '../journal/segment.js'
import { SEGMENT_HEADER_BYTES } from '../journal/segment-header.js'
import { PendingRows } from '../pending-rows.js'
import type { RowBatch, RowIndex } from './row-index.js'

export interface ReplayOptions {
  readonly onDamage: OnDamage
  isCheckpointDue(index: RowIndex): boolean
  /** So many rows go into the index at a time. */
  readonly replayBatchRows: number
  /** Told of each frame that was applied. May throw, which ends the replay. */
  onFrame?(sizeBytes: number): void
}

/**
 * Applies to the index every frame behind its checkpoint, in the order of their places. Frames that it holds
 * already are applied again: nothing says that it kept all of them.
 */
export async function replay(
  journal: Journal,
  index: RowIndex,
  { onDamage, onFrame, ...options }: ReplayOptions,
): Promise<void> {
  const run = new Replay(index, options)
  const { position, sequence } = index.checkpoint
  let expected = sequence + 1
  let isAfterDamage = false
  for (const segment of [...journal.chain]) {
    if (segment.number < position.segment) continue
    const from = segment.number === position.segment ? position.offset : SEGMENT_HEADER_BYTES
    const end = segment.sealedBytes ?? journal.end.offset
    await journal.readers.use(segment.number, async (file) => {
      for await (const found of readFrames(file, segment, { from, end })) {
        const place = `segment ${segment.number}, offset ${found.offset}`
        if (found.type === 'damaged') {
          onDamage(`${place}: ${found.length} bytes that were synced hold no good frame`, segment.number)
          isAfterDamage = true
          continue
        }
        // Frames that are missing behind damage were told of with it.
        if (found.sequence < expected || (found.sequence > expected && !isAfterDamage))
          onDamage(`${place}: frame ${found.sequence} stands where ${expected} should`, segment.number)
        expected = found.sequence + 1
        isAfterDamage = false
        await run.add(found, segment.number)
        onFrame?.(found.sizeBytes)
      }
    })
  }
  if (expected !== journal.sequence + 1) onDamage(`frame ${expected} is missing`, journal.end.segment)
  await run.finish(journal.sequence, journal.end)
}

class Replay {
  readonly #index: RowIndex
  /** The index counted the live bytes up to here itself. */
  readonly #counted: number
  readonly #options: Pick<ReplayOptions, 'isCheckpointDue' | 'replayBatchRows'>
  #batch: RowBatch
  #pending: PendingRows

  constructor(index: RowIndex, options: Pick<ReplayOptions, 'isCheckpointDue' | 'replayBatchRows'>) {
    this.#index = index
    this.#options = options
    this.#counted = index.applied.sequence
    this.#batch = index.batch()
    this.#pending = new PendingRows(index)
  }

  async add(frame: FoundFrame, segment: number): Promise<void> {
    const isNew = frame.sequence > this.#counted
    this.#batch.journalBytes += frame.sizeBytes
    for (const record of frame.records) {
      this.#batch.add(record, segment, record)
      const { key, kind, value, revision, payloadBytes, recordOffset } = record
      const payload = kind === recordKind.putWithoutItsPayload ? 0 : payloadBytes
      const sizeBytes = recordSizeBytes(key.byteLength, value.byteLength, payload)
      const place = { segment, recordOffset }
      const row = kind === recordKind.delete ? undefined : { revision, sizeBytes, place }
      // What is counted already is looked at all the same: earlier batches may have taken the index back behind it.
      if (isNew) this.#pending.set(key, row)
      else this.#pending.setCounted(key, row)
    }
    if (this.#batch.rows < this.#options.replayBatchRows) return
    const end = { segment, offset: frame.offset + frame.sizeBytes }
    await this.#write(frame.sequence, end)
    // A rebuild goes through everything: killed on its way, it goes on from here.
    if (isNew && this.#options.isCheckpointDue(this.#index)) await this.#index.makeCheckpoint()
  }

  finish(sequence: number, end: Position): Promise<void> {
    return this.#write(sequence, end)
  }

  async #write(sequence: number, end: Position): Promise<void> {
    const { applied } = this.#index
    await this.#batch.write(this.#index, {
      sequence: Math.max(sequence, this.#counted),
      liveBytes: applied.liveBytes + this.#pending.grownBytes,
      end,
    })
    this.#batch = this.#index.batch()
    this.#pending = new PendingRows(this.#index)
  }
}
