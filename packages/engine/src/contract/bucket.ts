import type { BucketConfiguration, ConfigurationKind, SetOptions } from './configuration.js'
import type { Caused } from './events.js'
import type { Integrity } from './integrity.js'
import type { LifecycleExplanation } from './lifecycle.js'
import type { Listing, ListOptions } from './listing.js'
import type { ObjectPart, Upload, UploadInfo } from './multipart.js'
import type {
  AppendOptions,
  Attributes,
  CopiedInfo,
  CopyOptions,
  Deleted,
  DeleteOptions,
  FanOutOptions,
  FanOutTarget,
  GetOptions,
  ObjectInfo,
  ObjectSummary,
  PutOptions,
  RenameOptions,
  ReplicaOptions,
  Source,
  StoredObject,
  Tags,
  VersionInfo,
  Which,
  WriteConditions,
} from './object.js'
import type { Retention } from './object-lock.js'
import type { ReplicaFacts } from './replication.js'
import type { ByteSource, Cancel } from './source.js'

export interface BucketInfo {
  readonly name: string
  readonly created: Date
  readonly ownerId?: string
  /**
   * Which bucket it is, of all that any store has open: 32 hexadecimal digits, random, another each time that the store is opened.
   * Told by {@link Bucket.info} alone.
   */
  readonly instanceId?: string
}

export interface CreateBucketOptions extends Cancel, Caused {
  ownerId?: string
  /** As {@link BucketConfiguration} has them. @throws `InvalidTag`, `BadRequest` */
  tags?: Tags
  /** Enables object lock, and versioning with it. */
  objectLock?: boolean
}

export interface RemoveBucketOptions extends Cancel {
  /**
   * With all its objects and versions, at once and for good; their space comes free behind it. A bucket that ever had
   * object lock is refused: `InvalidBucketState`. @defaultValue false
   */
  force?: boolean
  /**
   * What becomes of uploads under way where there are no objects: `'abort'`, they go with the bucket; `'refuse'`, it is
   * not empty, as S3 says of directory buckets. A removal that a crash cuts off is ended as with `'abort'`.
   * @defaultValue 'abort'
   */
  uploads?: 'abort' | 'refuse'
}

/** A handle: no I/O, cannot fail. Methods reject with `NoSuchBucket` while the bucket is not there. */
export interface Bucket {
  readonly name: string
  info(options?: Cancel): Promise<BucketInfo>
  /** Removes an empty bucket; its unfinished uploads go with it. @throws `BucketNotEmpty` */
  remove(options?: RemoveBucketOptions): Promise<void>
  /** What was set; `undefined` if it never was, or was taken back. */
  getConfiguration<K extends ConfigurationKind>(
    kind: K,
    options?: Cancel,
  ): Promise<BucketConfiguration[K] | undefined>
  /**
   * Sets one kind of configuration; `undefined` takes it back. When the promise resolves every later write goes by it.
   *
   * @throws {@link EngineError} `IllegalVersioningConfigurationException`, `InvalidBucketState`, `InvalidTag`, `BadRequest`,
   * `InvalidRetentionPeriod`, `InvalidArgument`, `InvalidRequest`, `NoSuchReplicationTarget`, `ReplicationTargetRefused`.
   */
  setConfiguration<K extends ConfigurationKind>(
    kind: K,
    value: BucketConfiguration[K] | undefined,
    options?: SetOptions,
  ): Promise<void>
  /**
   * What will become of a key by its bucket's lifecycle rules, when, and why: of its versions and of uploads of it. A key
   * that is not there has neither.
   */
  explainLifecycle(key: string, options?: Cancel): Promise<LifecycleExplanation>
  /**
   * Stores an object and makes it the current version of its key. When the promise resolves the object
   * survives a crash; when it rejects, no reader has seen any part of it.
   *
   * @param key 1 to 1024 bytes of UTF-8, without NUL.
   * @param source Read once, to its end, at the pace the disk allows.
   * @throws {@link EngineError} `NoSuchBucket`, `KeyTooLongError`, `PreconditionFailed`, `BadDigest`,
   * `IncompleteBody`, `EntityTooLarge`, `StorageUnavailable`.
   * @see S3 API Reference, PutObject.
   */
  put(key: string, source: ByteSource, options?: PutOptions): Promise<ObjectInfo>
  /**
   * @throws {@link EngineError} `NoSuchKey`, `NotModified`, `PreconditionFailed`, `InvalidRange`, `InvalidPartNumber`;
   * with `versionId` `NoSuchVersion`, `InvalidArgument` where it cannot be one, `MethodNotAllowed` where it is that of
   * a delete marker.
   */
  get(key: string, options?: GetOptions): Promise<StoredObject>
  /** The facts that `get` would give, with the same conditions. No byte of the body is read. */
  head(key: string, options?: GetOptions): Promise<ObjectInfo>
  /**
   * Without `versionId` the object is gone; where versioning was set, a delete marker is its current version then, and
   * the others are kept. With `versionId` that version is removed for good, and the next older is current if it was.
   * Deleting what is not there is no error.
   */
  delete(key: string, options?: DeleteOptions): Promise<Deleted>
  /** Many deletes, in the order given where keys repeat. One failing does not stop the others. */
  deleteMany(
    targets: readonly ({ key: string } & DeleteOptions)[],
    options?: Cancel,
  ): Promise<PromiseSettledResult<Deleted>[]>
  /**
   * Stores one stream as many objects: it is read once and stored once, whatever the number of targets. Each is an
   * object of its own from then on, as if put by itself. Targets are carried out in the order given where keys repeat,
   * and one failing does not stop the others: the answer tells of each, in their order.
   *
   * With `atomic` there is one commit: every target is written, or the promise rejects with the first refusal and none is.
   *
   * @param targets At least one.
   * @throws {@link EngineError} `TooManyTargets` where `atomic` asks for more than one commit holds: 400 fit, or as many
   * as have keys and facts of a megabyte together; `InvalidRequest` where it names a key twice; `BadDigest` and its like for the stream; `StorageUnavailable`.
   */
  fanOut(
    source: ByteSource,
    targets: readonly FanOutTarget[],
    options: FanOutOptions & { atomic: true },
  ): Promise<PromiseFulfilledResult<ObjectInfo>[]>
  fanOut(
    source: ByteSource,
    targets: readonly FanOutTarget[],
    options?: FanOutOptions,
  ): Promise<PromiseSettledResult<ObjectInfo>[]>
  /** Shares the source's bytes: a copy of any size takes one commit and no disk. */
  copy(from: Source, key: string, options?: CopyOptions): Promise<CopiedInfo>
  /**
   * Adds bytes at the end of an object, or makes it if nothing is there. All or nothing, and readers see the
   * object with them or without; what is there is neither read nor written again. No bytes change nothing.
   *
   * Its ETag is a new one. A CRC of the object goes on to be one of all its bytes; any other checksum ends with
   * the first append, and the answer then has those of the added bytes. Its parts are no longer told.
   *
   * @throws {@link EngineError} `InvalidWriteOffset`; `TooManyParts` after 10,000 appends, to which the parts that
   * the object was completed from count, until it is copied; `InvalidRequest` for an object with a composite
   * checksum, an algorithm that is not the object's, or a bucket that has versions or object lock; and those of `put`.
   * @see S3 User Guide, "Appending data to objects in directory buckets".
   */
  append(key: string, source: ByteSource, options?: AppendOptions): Promise<ObjectInfo>
  /**
   * Gives an object another key in its bucket, in place of what has that key. It keeps its time, its ETag and all
   * else. No bytes are moved.
   *
   * @throws {@link EngineError} `NoSuchKey`, `PreconditionFailed`; `IdempotencyParameterMismatch` where `requestId`
   * was used for something else; `InvalidRequest` for a key that ends in `/`, another bucket, or a bucket that has
   * versions or object lock.
   * @see S3 API Reference, RenameObject.
   */
  rename(from: Source, key: string, options?: RenameOptions): Promise<ObjectInfo>
  /** @throws {@link EngineError} as `head` does. */
  getTags(key: string, options?: Which & Cancel): Promise<Tags>
  /**
   * Puts these tags in the place of all there were. The object's bytes and age stay, and it makes no version.
   * @throws {@link EngineError} `InvalidTag`; otherwise as `head` does.
   */
  setTags(key: string, tags: Tags, options?: Which & Cancel): Promise<ObjectInfo>
  /**
   * Sets how long a version is kept; `undefined` takes it away. One that is active may be made longer in its mode; with
   * `bypassGovernance` one of governance may become anything.
   * @throws `AccessDenied` for what weakens a retention; `InvalidRequest` where the bucket has no object lock;
   * `InvalidArgument` for a date that is not in the future; `NoSuchKey`.
   */
  setRetention(
    key: string,
    retention: Retention | undefined,
    options?: Which & { bypassGovernance?: boolean } & Cancel,
  ): Promise<ObjectInfo>
  /** A version on legal hold cannot be removed. @throws `InvalidRequest` where the bucket has no object lock; `NoSuchKey` */
  setLegalHold(key: string, on: boolean, options?: Which & Cancel): Promise<ObjectInfo>
  /**
   * Merges what is said in another store of a version: of each of tags, retention and legal hold, what was said last holds;
   * of two retentions one of compliance that has not ended, the longer. The order in which it is said does not matter, nor how
   * often. Nobody is told, and it goes no further.
   *
   * @throws {@link EngineError} `NoSuchVersion`; `AccessDenied` where a retention of governance that has not ended would be
   * weakened without `bypassGovernance`; `MethodNotAllowed` for a delete marker; `InvalidRequest` without versioning, or for a lock
   * without object lock; `InvalidArgument`, `InvalidTag`.
   */
  mergeReplica(
    key: string,
    facts: ReplicaFacts,
    options?: { bypassGovernance?: boolean } & Cancel,
  ): Promise<ObjectInfo>
  /**
   * The objects by key. With `summary` each comes with what S3's lists tell and no more, which is a quarter of the work
   * where an object has little metadata, and less where it has much.
   *
   * @throws {@link EngineError} `NoSuchBucket`
   */
  list(options: ListOptions & { summary: true }): Listing<ObjectSummary, 'object'>
  list(options?: ListOptions): Listing<ObjectInfo, 'object'>
  /**
   * Every version and delete marker, also in a bucket without versioning, whose objects are `null` versions: by key, those
   * of a key from the newest to the oldest. `startAfter` without `startAfterId` passes over all versions of its key.
   */
  listVersions(options?: ListOptions): Listing<VersionInfo, 'version'>
  listUploads(options?: ListOptions): Listing<UploadInfo, 'upload'>
  /** With `replica` its completion makes a version of another store, as `put` does with it. */
  createUpload(
    key: string,
    options?: Attributes & WriteConditions & ReplicaOptions & Integrity & Cancel,
  ): Promise<Upload>
  upload(key: string, uploadId: string): Upload
  /** The parts a finished object was completed from, in order; none for one that was never in parts. @throws `NoSuchKey` */
  parts(key: string, options?: Which & { afterPartNumber?: number } & Cancel): AsyncIterable<ObjectPart>
}
