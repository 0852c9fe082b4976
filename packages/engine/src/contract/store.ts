import type { KvHealth } from '../kv/kv.js'

/** What `verify` tells of: something that is not as it was written. */
export interface Finding {
  /** `object` or `part`: it is damaged, or what it rests on is. `store`: no name can be given for what is damaged. */
  readonly what: 'object' | 'part' | 'store'
  /**
   * The error a reader would get, e.g. `CorruptBlob`. `DamagedRow`: no reader notices, for the index still has the
   * record, but the journal has lost it; writing the object again makes it safe. Others that begin with `Damaged` or
   * `Unreadable` are of the store's own files.
   */
  readonly code: string
  readonly detail: string
  readonly bucket?: string
  readonly key?: string
  /** Where the object is one of several versions. */
  readonly versionId?: string
  readonly uploadId?: string
  readonly partNumber?: number
}

export interface VerifyProgress {
  /** Bytes read back so far, and how many there are: of the store's own files, then of the objects and parts. */
  readonly doneBytes: number
  readonly totalBytes: number
  /** Objects and parts looked at. */
  readonly records: number
}

/** How a store is at this moment. */
export type Health = KvHealth

/** What a store holds, counted by one scan over its records. */
export interface EngineStat {
  readonly buckets: number
  readonly objects: number
  /** Versions that are not current, and delete markers. */
  readonly otherVersions: number
  /** The sizes of objects and of all their versions together; bytes that copies share are counted for each. */
  readonly objectBytes: number
  readonly uploads: number
  readonly parts: number
  readonly partBytes: number
  /** Pieces of work that commits have left for the reclaimer and that are due. */
  readonly deferred: number
  /** Sizes on disk, where the store has a directory. */
  readonly disk?: {
    readonly journalBytes: number
    /** Of the journal, what no row names any more. */
    readonly garbageBytes: number
    readonly indexBytes: number
  }
}
