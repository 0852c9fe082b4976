import { type KeyText, keyText } from '../../key-text.js'
import type { IndexRow } from './index-row.js'
import type { LiveIndex } from './live-index.js'
import type { RowIndex } from './row-index.js'

/** Of each of two generations. */
const ROWS_MAX = 512
/** Larger values are looked up each time. */
const VALUE_BYTES_MAX = 1_024

/**
 * What the index answered a moment ago, of keys that hold nothing too. Each request asks for its bucket's row, and each
 * write asks again when its group closes: a look-up in LevelDB takes 3 µs, here a third of one.
 *
 * A row is forgotten once its change is applied, before anybody is answered; whoever asks later asks the index.
 */
export class HotRows {
  readonly #index: LiveIndex
  /** What the rows are of: an index that was opened again has none of them. */
  #source: RowIndex | undefined
  #young = new Map<KeyText, IndexRow | null>()
  #old = new Map<KeyText, IndexRow | null>()

  constructor(index: LiveIndex) {
    this.#index = index
  }

  /** @throws EngineError and IndexDamage, as {@link LiveIndex.current} and {@link RowIndex.find}. */
  find(key: Uint8Array): IndexRow | undefined {
    const index = this.#index.current
    if (index !== this.#source) this.#begin(index)
    const text = keyText(key)
    let row = this.#young.get(text)
    if (row !== undefined) return row ?? undefined
    row = this.#old.get(text)
    if (row === undefined) row = index.find(key) ?? null
    if (row === null || row.value.byteLength <= VALUE_BYTES_MAX) this.#remember(text, row)
    return row ?? undefined
  }

  forget(key: Uint8Array): void {
    const text = keyText(key)
    this.#young.delete(text)
    this.#old.delete(text)
  }

  #begin(index: RowIndex): void {
    this.#source = index
    this.#young.clear()
    this.#old.clear()
  }

  #remember(text: KeyText, row: IndexRow | null): void {
    if (this.#young.size >= ROWS_MAX) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(text, row)
  }
}
