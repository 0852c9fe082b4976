import type { BucketInfo } from './bucket.js'
import type { ObjectPart } from './multipart.js'
import type { ObjectInfo, Tags } from './object.js'
import type { Retention } from './object-lock.js'
import type { ByteRange, Cancel } from './source.js'

/**
 * How far a version has come on its way to all targets that want it. `'replica'`: it came from another store, and goes no further.
 * `'failed'`: a try has failed for a reason of its own; it is tried again all the same.
 */
export type ReplicationStatus = 'pending' | 'completed' | 'failed' | 'replica'

/** Which objects a rule is about. All that is said must hold; saying nothing means every object. */
export interface ReplicationFilter {
  readonly prefix?: string
  /** Each must be there with its value. A delete marker has no tags. */
  readonly tags?: Tags
}

/**
 * A rule by which versions are carried over to another bucket. Of several rules with the same destination, the one of the highest
 * priority counts of those whose filter matches; rules with different destinations are all followed.
 *
 * @see S3 API Reference, ReplicationRule; aistor-s3-api, PutBucketReplication.
 */
export interface ReplicationRule {
  /** Up to 255 characters, no two alike. @defaultValue one is made */
  readonly id?: string
  readonly status: 'enabled' | 'disabled'
  /** A whole number from 0 on, no two alike. */
  readonly priority: number
  readonly filter?: ReplicationFilter
  readonly destination: {
    /** That of a target: {@link Replication.addTarget}. */
    readonly arn: string
    /** @defaultValue the version's own */
    readonly storageClass?: string
  }
  /** Delete markers go along. Not together with a filter by tags, which no marker has. @defaultValue 'disabled' */
  readonly deleteMarkers?: 'enabled' | 'disabled'
  /** A version that is removed for good by who asks for it goes at the target as well. @defaultValue 'disabled' */
  readonly versionDeletes?: 'enabled' | 'disabled'
  /** What was there before the rule goes along, and may be carried over anew: {@link Replication.resync}. @defaultValue 'disabled' */
  readonly existingObjects?: 'enabled' | 'disabled'
  /** What is changed here of a version that came from another store goes along: tags and locks. @defaultValue 'enabled', as AIStor has it */
  readonly replicaModifications?: 'enabled' | 'disabled'
}

export interface ReplicationConfiguration {
  /** Kept and given back. AIStor's older form has the target's ARN here, and a bucket's as the destination. */
  readonly role?: string
  /** 1 to 1,000. */
  readonly rules: readonly ReplicationRule[]
}

/** When each of what can be changed of a version was changed last, where it was since it was written. */
export interface FactTimes {
  readonly tags?: Date
  readonly retention?: Date
  readonly legalHold?: Date
}

/** What a version that was made in another store keeps when it is written here. */
export interface ReplicaOf {
  /** 32 hexadecimal digits. Its first twelve decide its place among the versions of its key. */
  readonly versionId: string
  readonly lastModified: Date
  /** Without quotes. @defaultValue as for any other object */
  readonly etag?: string
  readonly changed?: FactTimes
}

/** A removal that was made in another store. */
export interface ReplicaRemoval {
  /** `versionId` is that of a delete marker which is to be made, as it was made then. @defaultValue the version is to go for good */
  readonly deleteMarker?: { readonly lastModified: Date }
  /**
   * When the locks were said that the version had as it was removed; of a retention of compliance its end, where that is later. A
   * legal hold that is older than that does not keep it here either, nor does, with `bypassGovernance`, a retention of governance that is no newer.
   * @defaultValue every hold keeps it, and no retention of governance does with `bypassGovernance`
   */
  readonly changed?: Pick<FactTimes, 'retention' | 'legalHold'>
}

/** What is said of a version in another store. What is left out was not said. */
export interface ReplicaFacts {
  readonly versionId: string
  readonly tags?: Tags
  /** `'none'`: it was taken away. */
  readonly retention?: Retention | 'none'
  readonly legalHold?: boolean
  readonly changed: FactTimes
}

/** Another bucket somewhere, and whose rights are used there. */
export interface RemoteBucket {
  /** `http://host:port` or `https://host:port`, without a path. */
  readonly endpoint: string
  readonly bucket: string
  /** @defaultValue 'us-east-1' */
  readonly region?: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** How the bucket is addressed. @defaultValue 'path' */
  readonly addressing?: 'path' | 'virtual-host'
}

/** What a target turns out to be. */
export interface ReplicationTargetFacts {
  /** Whether versions keep their ids, times and order there. Without it each becomes a new version, in the order of sending. */
  readonly keepsVersionIds: boolean
  readonly versioning?: 'enabled' | 'suspended'
  readonly objectLock: boolean
  /** {@link BucketInfo.instanceId} there, of a target that can tell. No bucket is its own target. */
  readonly instanceId?: string
}

/** A version on its way to a target. */
export interface OutgoingVersion {
  readonly key: string
  /** 32 hexadecimal digits, also where it is the null version here. */
  readonly versionId: string
  /** What the target called it when it took it; of targets that do not keep ids. */
  readonly targetVersionId?: string
  readonly info: ObjectInfo
  readonly tags: Tags
  readonly changed: FactTimes
  /** Of what was uploaded in parts, in order. */
  readonly parts?: readonly ObjectPart[]
  /** The rule's, where it has one. */
  readonly storageClass?: string
  /** The bytes, or a stretch of them, at the pace that the target may have. Each call reads anew. */
  open(range?: ByteRange): AsyncIterable<Uint8Array>
  /** What the target had noted of an unfinished transfer of this very version, so that it can go on with it. */
  readonly unfinished?: string
  /** Keeps such a note, durably; `undefined` forgets it. */
  note(unfinished: string | undefined): Promise<void>
}

export interface OutgoingDeleteMarker {
  readonly key: string
  readonly versionId: string
  readonly lastModified: Date
}

export interface OutgoingRemoval {
  readonly key: string
  readonly versionId: string
  readonly targetVersionId?: string
  /** As in {@link ReplicaRemoval}. */
  readonly changed?: Pick<FactTimes, 'retention' | 'legalHold'>
}

/** What a target calls the version that it took, where that is not what it was called before. */
export interface Carried {
  readonly targetVersionId?: string
}

/**
 * Where versions go. Everything may be asked again, after a crash or a lost answer, and then does nothing that was done before
 * wherever the target can tell.
 *
 * @throws ReplicationError by every method.
 */
export interface ReplicationTarget {
  /** Whether it is there and lets us in, and what it is like. Nothing is written. */
  probe(options: { readonly signal: AbortSignal }): Promise<ReplicationTargetFacts>
  /** Takes a version with its bytes and all that is said of it. */
  put(version: OutgoingVersion, options: { readonly signal: AbortSignal }): Promise<Carried>
  /** Takes what is said of a version that it has. @throws ReplicationError `NoSuchVersion` where it has not. */
  merge(version: OutgoingVersion, options: { readonly signal: AbortSignal }): Promise<void>
  putDeleteMarker(marker: OutgoingDeleteMarker, options: { readonly signal: AbortSignal }): Promise<Carried>
  /** The version goes for good, or the delete marker. What is not there is no error. */
  remove(removal: OutgoingRemoval, options: { readonly signal: AbortSignal }): Promise<void>
  /** Called once, when nothing more will be asked. */
  close?(): Promise<void>
}

/** Makes what a target is reached by. Nothing is called yet. @throws for what can be no endpoint. */
export type ConnectReplicationTarget = (remote: RemoteBucket) => ReplicationTarget

export interface AddReplicationTarget extends RemoteBucket {
  /** Bytes a second, all versions together; 0 for no limit. @defaultValue no limit */
  readonly bandwidthLimit?: number
  /**
   * Versions under way at a time, small and large ones together; those of a key go one after the other to a target that keeps no ids.
   * @defaultValue 64 to a target that keeps ids, 16 to any other
   */
  readonly concurrency?: number
}

export interface ReplicationTargetInfo extends Omit<AddReplicationTarget, 'secretAccessKey'> {
  /** `arn:minio:replication:REGION:UUID:BUCKET`. */
  readonly arn: string
  /** The bucket that it is a target of. */
  readonly sourceBucket: string
  readonly keepsVersionIds: boolean
}

/** Counted since the engine was opened. */
export interface ReplicationCounts {
  readonly versions: number
  readonly bytes: number
}

export interface ReplicationTargetStatus extends ReplicationTargetInfo {
  /** Whether the last call was answered. */
  readonly isOnline: boolean
  /** Versions that wait, among them those under way. */
  readonly waiting: number
  /** Since when the oldest of them waits. */
  readonly waitingSince?: Date
  /** Versions that were given up. */
  readonly failures: number
  readonly completed: ReplicationCounts
  /** Tries that failed. */
  readonly failed: ReplicationCounts
  /** From the commit to the target's answer, of the versions of the last minutes; of at least one. */
  readonly lagMs?: { readonly median: number; readonly p99: number; readonly max: number }
  readonly lastError?: { readonly message: string; readonly at: Date; readonly nextTry: Date }
}

export interface ReplicationFailure {
  readonly arn: string
  /** Names it to `redrive`. */
  readonly id: string
  readonly bucket: string
  readonly key: string
  readonly versionId: string
  readonly attempts: number
  readonly error: string
}

export interface ResyncOptions extends Cancel {
  /** Only what was written so many milliseconds ago, or earlier. @defaultValue 0 */
  readonly olderThanMs?: number
  /** @defaultValue one is made */
  readonly resyncId?: string
}

export interface ResyncStatus {
  readonly arn: string
  readonly resyncId: string
  readonly status: 'ongoing' | 'completed' | 'canceled'
  readonly started: Date
  readonly ended?: Date
  readonly completed: ReplicationCounts
  readonly failed: ReplicationCounts
  /** How far it has come: the last key whose versions were put in line. */
  readonly key?: string
}

/** Carrying versions over to other buckets. */
export interface Replication {
  /**
   * Makes a bucket elsewhere a target of this one's rules: its `arn` is what they name. It is called first, and has to be
   * there, to let us in, and to have versions (and object lock, where this one has it).
   *
   * @throws {@link EngineError} `NoSuchBucket`, `InvalidRequest` without `connectReplicationTarget` or a sealing key;
   * `InvalidBucketState` where this bucket has no versions; `ReplicationTargetRefused` for what the target turned out to be.
   */
  addTarget(bucket: string, target: AddReplicationTarget, options?: Cancel): Promise<ReplicationTargetInfo>
  /** Changes what it is reached by; the target is called first. @throws `NoSuchReplicationTarget`, `ReplicationTargetRefused` */
  updateTarget(
    arn: string,
    change: Partial<
      Pick<
        AddReplicationTarget,
        'endpoint' | 'accessKeyId' | 'secretAccessKey' | 'bandwidthLimit' | 'concurrency'
      >
    >,
    options?: Cancel,
  ): Promise<ReplicationTargetInfo>
  /** Forgets it and all that waits for it. @throws `InvalidRequest` while a rule names it; `NoSuchReplicationTarget` */
  removeTarget(arn: string, options?: Cancel): Promise<void>
  /** Every target, or one bucket's, and how far behind each is. */
  status(options?: { bucket?: string } & Cancel): Promise<readonly ReplicationTargetStatus[]>
  /** Calls each target of a bucket and tells what is wrong with it; undefined where nothing is. */
  check(bucket: string, options?: Cancel): Promise<readonly { arn: string; error?: string }[]>
  /**
   * Carries over anew what is there, in the background: for a target that has lost what it had. It goes on after a crash.
   *
   * @throws `NoSuchReplicationTarget`; `InvalidRequest` where no rule to it has `existingObjects` enabled, or one is going on.
   */
  resync(arn: string, options?: ResyncOptions): Promise<ResyncStatus>
  /** The last resync of each target of a bucket that had one. */
  resyncStatus(bucket: string, options?: Cancel): Promise<readonly ResyncStatus[]>
  cancelResync(arn: string, options?: Cancel): Promise<ResyncStatus>
  /** The versions that were given up, oldest first. */
  failures(options?: { arn?: string } & Cancel): AsyncIterable<ReplicationFailure>
  /** Has versions that were given up carried over again. Answers how many. */
  redrive(options?: { arn?: string; id?: string } & Cancel): Promise<number>
}
