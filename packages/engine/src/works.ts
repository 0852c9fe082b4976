import type { BlobStore } from './blobs/blobs.js'
import type { BlobIds } from './bodies/blob-ids.js'
import type { Pins } from './bodies/pins.js'
import type { Clock } from './clock.js'
import type { LifecycleRules } from './commit/lifecycle-rules.js'
import type { LockTime } from './commit/lock-time.js'
import type { ReplicationRules } from './commit/replication-rules.js'
import type { BucketPolicies } from './identity/bucket-policies.js'
import type { Sealing } from './identity/sealing.js'
import type { Ids } from './ids.js'
import type { KvStore } from './kv/kv.js'
import type { Outbox } from './outbox/outbox.js'
import type { ReplicationTargets } from './replication/targets.js'
import type { HashThreads } from './streams/hash-threads.js'
import type { MemoryBudget } from './sync/memory-budget.js'
import type { SharedCount } from './sync/shared-count.js'
import type { Turns } from './sync/turns.js'

/** What every verb works with. Made by `Engine.open`, the same for the engine's whole life. */
export interface Works {
  readonly kv: KvStore
  readonly blobs: BlobStore
  readonly blobIds: BlobIds
  readonly pins: Pins
  readonly turns: Turns
  readonly clock: Clock
  readonly ids: Ids
  /** Random bytes, of this opening of the store. */
  readonly opening: Uint8Array
  /** By which retentions end. */
  readonly lockTime: LockTime
  readonly lifecycleRules: LifecycleRules
  readonly replicationRules: ReplicationRules
  readonly bucketPolicies: BucketPolicies
  /** Counts each change of what anybody may do, before whoever made it is answered: other threads remember by it. */
  readonly rightsChanges: SharedCount
  /** Whom commits tell of what they do. */
  readonly outbox: Outbox
  /** Opens and closes the secrets that the store keeps. */
  readonly sealing: Sealing
  /** Where buckets may be carried over to. */
  readonly replicationTargets: ReplicationTargets
  /** Shared by all small bodies that are being gathered. */
  readonly gathering: MemoryBudget
  readonly hashThreads: HashThreads
  readonly settings: { readonly etag: 'md5' | 'opaque'; readonly inlineMaxBytes: number }
  /** Tells the reclaimer that a commit has left it work. */
  readonly wakeReclaim: () => void
  /** Tells the sweeper that a commit has something looked at from a moment on. */
  readonly wakeSweeper: (dueMs: number) => void
  /** Tells that a commit has what a bucket holds put in line for a target. */
  readonly wakeResync: () => void
}
