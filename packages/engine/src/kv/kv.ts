/**
 * The ordered key–value port: what LevelDB under a journal, PostgreSQL and memory all fit. Nothing above it
 * may assume one process, a long snapshot or a local file; nothing below it knows what a row means.
 *
 * A row is a key, a small value (what scans return) and at most one payload (read only when asked for).
 * Keys are ordered by their bytes. The store borrows no buffer past the call that was given it, except
 * `commit`, which borrows until its promise settles; what it returns the caller may keep but must not change.
 */

/** Numbers a commit. Grows with every commit of a store; a row carries the one that last wrote it. */
export type Revision = number

export interface Row {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly revision: Revision
  /** 0 where the row has no payload. */
  readonly payloadBytes: number
  /** See {@link ScanOptions.textAfterBytes}. */
  readonly text?: string
}

/** What must still hold for a commit to be carried out: a row unchanged, or still absent. */
export type Check =
  | { readonly key: Uint8Array; readonly revision: Revision }
  | { readonly key: Uint8Array; readonly absent: true }

export interface RowPut {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly payload?: Uint8Array
}

/** One all-or-nothing change. A key stands at most once in `puts` and `deletes` together. */
export interface Change {
  readonly checks: readonly Check[]
  readonly puts: readonly RowPut[]
  readonly deletes: readonly Uint8Array[]
  /** The change makes more room than it takes, as a deletion does: carried out even when the store is full. */
  readonly freesSpace?: boolean
}

/**
 * `conflicts` are keys of checks that did not hold; a change without checks has none. A store that cannot tell
 * may report a conflict where there was none: reading and deciding again is always right.
 */
export type CommitOutcome =
  | { readonly committed: true; readonly revision: Revision }
  | { readonly committed: false; readonly conflicts: readonly Uint8Array[] }

export interface ScanOptions {
  /** First key, inclusive. */
  readonly from: Uint8Array
  /** End, exclusive. */
  readonly to: Uint8Array
  /** Rows at most. A page may hold fewer and still have a `next`. */
  readonly limit: number
  /** From the end towards the beginning. */
  readonly reverse?: boolean
  /**
   * Says that all keys of the range begin with the same so many bytes and that what follows is UTF-8, which the caller
   * wants. A store that makes text more cheaply than bytes then gives each row its `text`, and makes its `key` only
   * when asked. It must be true: what is not UTF-8 looks like damage to the store.
   */
  readonly textAfterBytes?: number
}

export interface ScanPage {
  readonly rows: readonly Row[]
  /** False when the range is exhausted. When true, go on after (in reverse: before) the last row's key. */
  readonly more: boolean
}

export type Awaitable<T> = T | Promise<T>

export interface KvStore {
  readonly limits: KvLimits
  /**
   * Whether nobody else commits to the store while it is open. What was read may then be remembered until this process
   * changes it. @defaultValue false
   */
  readonly isExclusive?: boolean
  get(key: Uint8Array): Awaitable<Row | undefined>
  getMany(keys: readonly Uint8Array[]): Awaitable<(Row | undefined)[]>
  /** The row's payload, or `'changed'` when the row is gone or has another revision: look up again. */
  readPayload(key: Uint8Array, revision: Revision): Awaitable<Uint8Array | 'changed'>
  /** One page is one moment; between pages the store goes on. Resume by key. */
  scan(options: ScanOptions): Promise<ScanPage>
  /**
   * Durable and visible when it resolves with `committed: true`. Checks are evaluated in the order of arrival.
   * On conflict nothing was written: read again, decide again.
   *
   * @throws {@link EngineError} `StorageUnavailable`, whose `outcome` is `'absent'` or `'unknown'`;
   * `StorageFull`; `EngineClosed`.
   * @throws RangeError if the change exceeds {@link KvLimits} or names a key twice.
   */
  commit(change: Change): Promise<CommitOutcome>
  /** Sizes on disk, of a store that has any. */
  stat?(): Promise<KvStat>
  /** How it is at this moment, of a store that may not always serve. */
  health?(): KvHealth
  /**
   * Of a store that can be damaged: whether rows were lost, with somebody's leave, since `settleLoss`. Some may be
   * gone and others back as they once were, so no row says for certain what is unused outside of the store.
   */
  hasLost?(): boolean
  /** What lies outside of the store is safe from what the rows may say wrongly. */
  settleLoss?(): Promise<void>
  /** Reads back what lies beneath the rows and tells what is damaged, of a store that can. */
  verify?(options?: KvVerifyOptions): AsyncIterable<KvDamage>
  /** Waits for the commits under way. Twice is fine. Afterwards every method rejects with `EngineClosed`. */
  close(): Promise<void>
}

export interface KvStat {
  readonly journalBytes: number
  /** Of the journal, what no row names any more. */
  readonly garbageBytes: number
  readonly indexBytes: number
}

export interface KvHealth {
  /** Whether reads are answered. A store that stopped answering mends itself. */
  readonly isServing: boolean
  /**
   * Which commits are carried out. `'freeing'`: the disk is full, only what frees space goes. `'none'`: the disk
   * fails; each further commit has the store try again.
   */
  readonly writes: 'all' | 'freeing' | 'none'
  /** Whether all that reads rest on has been read back and found good since the open. */
  readonly isVerified: boolean
  /** Files that were found damaged: out of use, and kept for whoever wants to look at them. */
  readonly quarantinedFiles: number
}

export interface KvVerifyOptions {
  signal?: AbortSignal
  /** Told often, at the pace of the disk. */
  onProgress?: (progress: { readonly doneBytes: number; readonly totalBytes: number }) => void
}

export interface KvDamage {
  readonly code: string
  readonly detail: string
  /** The row that suffers, where it is one. */
  readonly key?: Uint8Array
}

/** Bounds every caller keeps to, so that all stores can serve. */
export interface KvLimits {
  readonly keyBytes: number
  readonly valueBytes: number
  /** One row's payload. */
  readonly payloadBytes: number
  /** Puts and deletes of one commit; its checks are held to the same number. */
  readonly commitRows: number
  /** Keys and values of one commit, payloads not counted. */
  readonly commitBytes: number
  /** All payloads of one commit. */
  readonly commitPayloadBytes: number
}

export const kvLimits: KvLimits = {
  keyBytes: 4 * 1024,
  valueBytes: 32 * 1024,
  payloadBytes: 256 * 1024,
  commitRows: 4_000,
  commitBytes: 1_000_000,
  commitPayloadBytes: 4 * 1024 * 1024,
}
