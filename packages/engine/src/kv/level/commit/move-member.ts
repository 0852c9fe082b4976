import { type NewRecord, recordSizeBytes } from '../journal/frame.js'
import type { GroupDraft, Member } from './group.js'

/** A row that compaction carries from its place to the journal's end. */
export interface Move {
  readonly record: NewRecord
  readonly from: { readonly segment: number; readonly recordOffset: number }
}

/** Moves stand each alone: one whose row has changed meanwhile, or changes in this group, is left out. */
export class MoveMember implements Member {
  readonly sizeBytes: number
  readonly #moves: readonly Move[]
  readonly #resolve: () => void
  readonly fail: (error: unknown) => void

  constructor(moves: readonly Move[], resolve: () => void, reject: (error: unknown) => void) {
    this.sizeBytes = moves.reduce((sum, { record }) => sum + sizeOf(record), 0)
    this.#moves = moves
    this.#resolve = resolve
    this.fail = reject
  }

  join({ pending, records }: GroupDraft): void {
    for (const { record, from } of this.#moves) {
      const found = pending.find(record.key)
      if (found?.place?.segment !== from.segment || found.place.recordOffset !== from.recordOffset) continue
      records.push(record)
      pending.set(record.key, { revision: record.revision, sizeBytes: sizeOf(record), place: undefined })
    }
  }

  answer(): void {
    this.#resolve()
  }
}

function sizeOf({ key, value, payload }: NewRecord): number {
  return recordSizeBytes(key.byteLength, value.byteLength, payload?.byteLength ?? 0)
}
