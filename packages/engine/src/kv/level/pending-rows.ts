import { type KeyText, keyText } from '../key-text.js'
import type { IndexRow } from './index/index-row.js'
import { recordSizeBytes } from './journal/frame.js'

export interface PendingRow {
  readonly revision: number
  /** What it takes in the journal. */
  readonly sizeBytes: number
  /** Undefined for a row that stands in no frame yet. */
  readonly place: { readonly segment: number; readonly recordOffset: number } | undefined
}

/** Where rows are found as they were after the last batch. */
interface AppliedRows {
  find(key: Uint8Array): IndexRow | undefined
}

/** What each key named since the last batch holds by now, as the index will hold it after the next. */
export class PendingRows {
  readonly #applied: AppliedRows
  readonly #rows = new Map<KeyText, PendingRow | undefined>()
  /** By how much the live rows grow in the journal. */
  grownBytes = 0

  constructor(applied: AppliedRows) {
    this.#applied = applied
  }

  find(key: Uint8Array): PendingRow | undefined {
    return this.#find(keyText(key), key)
  }

  /** From now on the key holds this. */
  set(key: Uint8Array, row: PendingRow | undefined): void {
    const text = keyText(key)
    this.grownBytes += (row?.sizeBytes ?? 0) - (this.#find(text, key)?.sizeBytes ?? 0)
    this.#rows.set(text, row)
  }

  /** The key holds this as of a moment whose live rows were counted by then. */
  setCounted(key: Uint8Array, row: PendingRow | undefined): void {
    this.#rows.set(keyText(key), row)
  }

  #find(text: KeyText, key: Uint8Array): PendingRow | undefined {
    if (this.#rows.has(text)) return this.#rows.get(text)
    const found = this.#applied.find(key)
    const row = found && {
      revision: found.revision,
      sizeBytes: recordSizeBytes(
        key.byteLength,
        found.value.byteLength,
        found.isPayloadLost ? 0 : found.payloadBytes,
      ),
      place: { segment: found.segment, recordOffset: found.recordOffset },
    }
    this.#rows.set(text, row)
    return row
  }
}
