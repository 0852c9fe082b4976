import type { BlobStore } from './blobs/blobs.js'
import type { Clock } from './clock.js'
import type { Bucket, BucketInfo, CreateBucketOptions } from './contract/bucket.js'
import type { Listing, ListOptions } from './contract/listing.js'
import type { Cancel } from './contract/source.js'
import type { Disk } from './disk.js'
import type { Ids } from './ids.js'
import type { KvStore } from './kv/kv.js'

export interface EngineOptions {
  /** Where the data lies. Left out together with `stores`, everything is in memory and gone at close. */
  directory?: string
  /** Stores of your own instead of a directory; the engine closes them. */
  stores?: { kv: KvStore; blobs: BlobStore }
  /** Whether the engine frees space by itself. When false, call `reclaim`. @defaultValue true */
  background?: boolean
  /** @defaultValue 'md5' */
  etag?: 'md5' | 'opaque'
  /**
   * Bodies up to this many bytes are stored with their record: one sync for both, but they are rewritten
   * when the journal is compacted. Larger ones get a file. @defaultValue 65536, at most 262144
   */
  inlineMaxBytes?: number
  disk?: Disk
  clock?: Clock
  ids?: Ids
}

export class Engine implements AsyncDisposable {
  /** @throws {@link EngineError} `EngineLocked`, `StoreDamaged`, `FormatTooNew`. */
  static async open(_options: EngineOptions): Promise<Engine> {
    throw new Error('being built')
  }
  /** A handle: no I/O, cannot fail. */
  bucket(_name: string): Bucket {
    throw new Error('being built')
  }
  /** @throws `BucketAlreadyExists`, `BucketAlreadyOwnedByYou`, `InvalidBucketName` */
  createBucket(_name: string, _options?: CreateBucketOptions): Promise<BucketInfo> {
    throw new Error('being built')
  }
  listBuckets(_options?: ListOptions): Listing<BucketInfo, 'bucket'> {
    throw new Error('being built')
  }
  /** Frees the space of what no record names any more; what a reader still holds is left for the next pass. */
  reclaim(_options?: Cancel): Promise<void> {
    throw new Error('being built')
  }
  /** Refuses new work, waits for what is running, then closes the stores. With a signal: aborts what still runs when it fires. Twice is fine. */
  close(_options?: Cancel): Promise<void> {
    throw new Error('being built')
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
