import type { Awaitable } from '../kv/kv.js'
import type { Bucket, BucketInfo, CreateBucketOptions } from './bucket.js'
import type { Caused } from './events.js'
import type { Identities, Principal } from './identity.js'
import type { SweepAction, SweepOptions } from './lifecycle.js'
import type { Listing, ListOptions } from './listing.js'
import type { Decision, PolicyContext } from './policy.js'
import type { Replication } from './replication.js'
import type { Cancel } from './source.js'
import type { EngineStat, Health } from './store.js'

/**
 * An engine that is open, as who works with it sees it: the {@link Engine}, or what stands for it in another thread. What
 * the one answers at once may take the other a moment.
 */
export interface OpenEngine {
  /** @see {@link Engine.bucket} */
  bucket(name: string, options?: Caused): Bucket
  /** @throws {@link EngineError} `BucketAlreadyExists`, `BucketAlreadyOwnedByYou`, `InvalidBucketName` */
  createBucket(name: string, options?: CreateBucketOptions): Promise<BucketInfo>
  listBuckets(options?: ListOptions): Listing<BucketInfo, 'bucket'>
  /** Who may use the store. */
  readonly identities: Identities
  /** Carrying versions over to other buckets. */
  readonly replication: Replication
  /** @see {@link Engine.can} */
  can(principal: Principal, action: string, resource: string, context?: PolicyContext): Awaitable<Decision>
  /** @see {@link Engine.reclaim} */
  reclaim(options?: Cancel): Promise<void>
  /** @see {@link Engine.sweep} */
  sweep(options: SweepOptions): AsyncIterable<SweepAction>
  /** @see {@link Engine.lockTime} */
  lockTime(): Awaitable<{ readonly now: Date; readonly isHeldBack: boolean }>
  /** @see {@link Engine.confirmClock} */
  confirmClock(now: Date, options?: Cancel): Promise<void>
  /** Counts what the store holds, by one scan over its records. */
  stat(options?: Cancel): Promise<EngineStat>
  /** What of its work the store can do at this moment. No I/O. */
  health(): Awaitable<Health>
}
