/** What `verify` tells of: something that is not as it was written. */
export interface Finding {
  /**
   * `object` or `part`: its bytes or its record cannot be read as they were written. `store`: the store itself
   * is damaged, in a way that no object's name can be given for.
   */
  readonly what: 'object' | 'part' | 'store'
  /** The error a reader would get, e.g. `CorruptBlob`. */
  readonly code: string
  readonly detail: string
  readonly bucket?: string
  readonly key?: string
  readonly uploadId?: string
  readonly partNumber?: number
}

export interface VerifyProgress {
  /** Records looked at so far, and how many there are. */
  readonly done: number
  readonly total: number
}

/** What a store holds, counted by one scan over its records. */
export interface EngineStat {
  readonly buckets: number
  readonly objects: number
  /** The objects' sizes together; bytes that copies share are counted for each. */
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
