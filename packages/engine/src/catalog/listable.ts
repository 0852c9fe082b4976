import type { Awaitable, Row } from '../kv/kv.js'
import type { RowKey } from './keys.js'

/** How one family of rows is listed: rows of one key may be several, told apart by an id behind the key. */
export interface Listable<T, K extends string> {
  readonly type: K
  /** What all keys of the family begin with; the listed key follows. */
  readonly family: RowKey
  /** Bytes behind the key within a row's key: a NUL and an id, where several rows may share a key. */
  readonly idBytes?: number
  /** Undefined for a row that is not to be listed. */
  read(row: Row, name: { key: string; id?: Uint8Array }): T | undefined
  /**
   * From the text of an id, as a caller gives it, to its bytes; undefined if it cannot be one. Empty: it names none
   * that is there, and the key's entries are listed from the first on.
   */
  parseId?(id: string, key: string): Awaitable<Uint8Array | undefined>
  formatId?(id: Uint8Array, info: T): string
  /** How rows are read, where they are not simply those of the family. */
  scan?(range: ListedRange): Promise<ListedRows>
}

export interface ListedRange {
  readonly from: RowKey
  readonly to: RowKey
  /** Rows at most. */
  readonly limit: number
}

export interface ListedRows {
  readonly rows: readonly Row[]
  /** Where to go on; undefined when the range is exhausted. */
  readonly next: RowKey | undefined
}
