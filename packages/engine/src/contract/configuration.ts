import type { CorsRule } from './cors.js'
import type { Notification } from './events.js'
import type { LifecycleConfiguration } from './lifecycle.js'
import type { Tags } from './object.js'
import type { ObjectLock } from './object-lock.js'
import type { ReplicationConfiguration } from './replication.js'
import type { Cancel } from './source.js'

/** Whether writes make versions: `suspended` keeps those that are there, and makes no more. */
export type Versioning = 'enabled' | 'suspended'

/** What can be set for a bucket as a whole, by kind. A kind that was never set is `undefined`. */
export interface BucketConfiguration {
  /**
   * Never set: a write replaces what is there, and objects have no version ids. Once set it can be suspended, and
   * never be taken back.
   * @see S3 User Guide, "Using versioning in S3 buckets".
   */
  versioning: Versioning
  /** Up to 50; see {@link Attributes} for what they may be. None at all is as if they were never set. */
  tagging: Tags
  /**
   * Whether versions can be locked. Needs versioning enabled; once there it can be changed, and never be taken back.
   * @see S3 User Guide, "Locking objects with Object Lock".
   */
  objectLock: ObjectLock
  /** Up to 100 rules, which together are no longer than 64 KiB. None at all is as if they were never set. */
  cors: readonly CorsRule[]
  /**
   * Who may do what with the bucket, beside what the policies of users say: JSON of up to 20 KiB, kept as it is given.
   * {@link parsePolicy} reads it.
   * @see S3 User Guide, "Bucket policies".
   */
  policy: string
  /** By which rules objects go by themselves. They are also for what was there before them. */
  lifecycle: LifecycleConfiguration
  /**
   * Who is told of what happens in the bucket: up to 100 rules. Their ARNs are those of the engine's `eventTargets`, each of
   * which gets a test event, and has to take it, before the configuration is set. No rules at all are as if they were never set.
   */
  notification: Notification
  /**
   * By which rules versions are carried over to other buckets. Each destination is a target of this bucket, made one by
   * {@link Replication.addTarget}, and is called before the configuration is set. Needs versioning enabled, which cannot be suspended
   * while there are rules.
   * @throws `NoSuchReplicationTarget`, `ReplicationTargetRefused`; `InvalidRequest` without versioning.
   */
  replication: ReplicationConfiguration
}

export interface SetOptions extends Cancel {
  /** Of a notification or replication configuration: sets it although a target does not answer. @defaultValue false */
  skipDestinationValidation?: boolean
}

export type ConfigurationKind = keyof BucketConfiguration
