/**
 * The ordered map under the journal, as a port: LevelDB in earnest, a hostile one in simulations. It may lose
 * every batch since the last synced one or the last flush, and nothing is lost: the journal has it.
 */

/** What the index answers is not what was written: it must be thrown away. */
export class IndexDamage extends Error {}

/** Borrows nothing past a call. Operations take effect in their order. */
export interface IndexBatch {
  put(key: Uint8Array, value: Uint8Array): void
  delete(key: Uint8Array): void
  /** All of it or nothing, visible when it resolves. */
  write(options: { sync: boolean }): Promise<void>
}

export interface IndexRange {
  /** Inclusive. */
  readonly from: Uint8Array
  /** Exclusive. */
  readonly to: Uint8Array
  readonly limit: number
  readonly reverse: boolean
}

export type IndexEntry = readonly [key: Uint8Array, value: Uint8Array]
export type IndexTextEntry = readonly [key: string, value: Uint8Array]

export interface Index {
  /** Whether all that was there was read back, and found good, before it was opened. */
  readonly isVerified: boolean
  /** @throws IndexDamage, as all that reads. */
  get(key: Uint8Array): Uint8Array | undefined
  /** One moment, from the call on. */
  scan(range: IndexRange): Promise<IndexEntry[]>
  /** The same, for keys that are UTF-8. What is not comes out as other text: a checksum over the key must tell. */
  scanText(range: IndexRange): Promise<IndexTextEntry[]>
  batch(): IndexBatch
  /**
   * Makes durable what was written before the call. It may resolve although it failed; a synced batch that
   * succeeds afterwards says that it did not.
   */
  flush(): Promise<void>
  /** Reads back what is on the disk. Answers what is wrong with it, or undefined. */
  findDamage(options: { signal: AbortSignal }): Promise<string | undefined>
  /** On the disk. */
  sizeBytes(): Promise<number>
  close(): Promise<void>
}

export interface IndexLocation {
  exists(): Promise<boolean>
  /**
   * Makes an empty one where there is none.
   *
   * @throws IndexDamage where what is there is damaged, or cannot be opened, now or later.
   */
  open(): Promise<Index>
  /** Removes what is there. */
  discard(): Promise<void>
}
