import type { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { ChecksumAlgorithm, Checksums, ChecksumType, Integrity } from './integrity.js'
import type { ObjectPart } from './multipart.js'
import type { Retention } from './object-lock.js'
import type { ReplicaOf, ReplicaRemoval, ReplicationStatus } from './replication.js'
import type { ByteRange, Cancel } from './source.js'

export interface ReadConditions {
  /** An ETag without quotes, a list of them separated by commas, or `'*'`. */
  ifMatch?: string
  ifNoneMatch?: string
  ifModifiedSince?: Date
  ifUnmodifiedSince?: Date
}

/** Decided in the commit, so that of many concurrent writers with `ifNoneMatch: '*'` exactly one wins. */
export interface WriteConditions {
  /** An ETag without quotes, or `'*'`. */
  ifMatch?: string
  /** Only `'*'` is meaningful to S3; an ETag means "unless the current object has it". */
  ifNoneMatch?: string
}

/** Of a delete. What is not there has neither time nor size to differ. */
export interface DeleteConditions extends WriteConditions {
  /** Compared to the second. */
  ifLastModified?: Date
  ifSizeBytes?: number
}

/** The descriptive headers stored with an object, each returned exactly as given. */
export interface Headers {
  contentType?: string
  contentEncoding?: string
  contentDisposition?: string
  contentLanguage?: string
  cacheControl?: string
  expires?: string
  storageClass?: string
  websiteRedirect?: string
}

/** Names and values the caller attached. */
export type Tags = Readonly<Record<string, string>>

/** What a caller may say of an object when writing it. */
export interface Attributes extends Headers {
  /** User metadata: names are stored as given (S3 lower-cases them), values are any text. */
  metadata?: Tags
  /** Up to 10, names of 1 to 128 and values of up to 256 UTF-16 units. @throws `InvalidTag` */
  tags?: Tags
  /** Only where the bucket has object lock. Without it the bucket's default applies. @throws `InvalidRequest`, `InvalidArgument` */
  retention?: Retention
  /** Only where the bucket has object lock. `true` keeps the version until it is taken back, whatever its retention. */
  legalHold?: boolean
  ownerId?: string
}

/** The facts of a stored object. */
export interface ObjectInfo extends Headers {
  readonly key: string
  /** `'null'`: S3's null version. Absent where the bucket's versioning was never set. */
  readonly versionId?: string
  readonly isDeleteMarker: boolean
  /** Without quotes. MD5 in hex for a plain object, `<md5 of md5s>-<parts>` for a multipart one. */
  readonly etag: string
  readonly sizeBytes: number
  readonly lastModified: Date
  readonly metadata: Tags
  readonly tagCount: number
  /** Also when it has ended. */
  readonly retention?: Readonly<Retention>
  /** Absent: never set. */
  readonly legalHold?: boolean
  /** How many parts the object was completed from; absent when it was not a multipart upload. */
  readonly partCount?: number
  readonly ownerId?: string
  readonly checksums: Checksums
  readonly checksumType?: ChecksumType
  /** When the bucket's lifecycle rules will let the current version go, and by which; of what was written or read alone. */
  readonly expiry?: { readonly at: Date; readonly ruleId: string }
  /**
   * How far the version has come to all targets that its bucket's rules name; absent where they name none. Of what was written or
   * read alone; but what came from another store says so everywhere.
   */
  readonly replicationStatus?: ReplicationStatus
}

/** What S3's lists of objects tell of each, the current version where there are several. */
export interface ObjectSummary {
  readonly key: string
  /** Without quotes. */
  readonly etag: string
  readonly sizeBytes: number
  readonly lastModified: Date
  readonly storageClass?: string
  readonly ownerId?: string
  /** Those the object has a checksum of; the checksums themselves are among its other facts. */
  readonly checksumAlgorithms: readonly ChecksumAlgorithm[]
  readonly checksumType?: ChecksumType
}

/** What a copy made, and of what. */
export interface CopiedInfo extends ObjectInfo {
  /** Which version was copied; absent where the source's bucket never had versions. */
  readonly sourceVersionId?: string
}

/** One of a key's versions, or a delete marker. */
export interface VersionInfo extends ObjectInfo {
  readonly versionId: string
  /** Whether it is the key's current version. */
  readonly isLatest: boolean
}

/**
 * An object opened for reading. The bytes are asked for in one of four ways; untouched, no blob is read.
 * What was opened stays readable to its end although the object is overwritten or deleted meanwhile.
 */
export interface StoredObject extends AsyncDisposable {
  readonly info: ObjectInfo
  /** The stretch the body holds, when a range or a part was asked for. */
  readonly range?: { offset: number; length: number }
  /** The part of a multipart object that this stretch is, no byte more or less, with its own checksum. */
  readonly part?: ObjectPart
  /** A Node stream, built when touched. Ends with `CorruptBlob` if the stored bytes fail their checksum. */
  readonly body: Readable
  web(): ReadableStream<Uint8Array>
  /**
   * The bytes for who is done with a chunk when he asks for the next, or leaves: its memory may be used again then.
   * A large object passes through a few buffers so; all other ways hand out chunks that can be kept.
   */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>
  /** @throws RangeError if there are more than `maxBytes` (default 64 MiB). */
  bytes(options?: { maxBytes?: number }): Promise<Uint8Array>
  /** Lets go of the bytes. Called by the end of the body as well; twice is fine. */
  close(): Promise<void>
}

export interface EtagKind {
  /** `'opaque'` spares the MD5 of the bytes: the ETag is then a random token. Defaults to the engine's setting. */
  etag?: 'md5' | 'opaque'
}

/** Of what is written here as it is in another store. */
export interface ReplicaOptions {
  /**
   * The version keeps its id, its time and its place among the others; conditions are not asked, nobody is told, and it goes no
   * further. Its locks are those that are said of it, without the bucket's default. Is it there already, what is said of it is
   * merged into that: {@link Bucket.mergeReplica}. Only in a bucket whose versioning is enabled.
   *
   * @throws {@link EngineError} `PreconditionFailed` where it was removed here for good, unless it comes locked;
   * `InvalidRequest` without versioning; `InvalidArgument`.
   */
  replica?: ReplicaOf
  /** Whether what is said of a version that is there may weaken a retention of governance. */
  bypassGovernance?: boolean
}

export interface PutOptions
  extends Attributes,
    WriteConditions,
    ReplicaOptions,
    Integrity,
    EtagKind,
    Cancel {}

/** One of the objects that a fan-out makes. */
export interface FanOutTarget extends Attributes, WriteConditions {
  /** @defaultValue the bucket that was asked */
  bucket?: string
  key: string
}

export interface FanOutOptions extends Integrity, EtagKind, Cancel {
  /** All targets in one commit, or none. @defaultValue false: each for itself */
  atomic?: boolean
}

/** Which version is meant. Without an id, the current one. */
export interface Which {
  /** As {@link ObjectInfo} gives it; opaque. `'null'` means the null version, in any bucket. */
  versionId?: string
}

export interface GetOptions extends ReadConditions, Which, Cancel {
  range?: ByteRange
  /** One part of a multipart object, counted as it was uploaded; part 1 of a plain object is the whole. */
  partNumber?: number
}

/** With `versionId` that version is removed for good, and conditions are about it. */
export interface DeleteOptions extends DeleteConditions, Which, Cancel {
  /** Whether a version may be removed that a retention of governance keeps. */
  bypassGovernance?: boolean
  /**
   * It was done in another store, to the version of this id: a delete marker is made with it, or whatever has it goes for good.
   * Conditions are not asked, nobody is told, and it goes no further. Only in a bucket whose versioning is enabled.
   *
   * @throws {@link EngineError} `PreconditionFailed` for a delete marker that was removed here; `AccessDenied` for a version
   * that object lock keeps; `InvalidRequest` without versioning.
   */
  replica?: ReplicaRemoval
}

export interface Deleted {
  key: string
  /** The version that was asked to be removed for good. */
  versionId?: string
  /** The delete marker that was made; with `versionId`, the one that was removed. */
  deleteMarker?: { versionId: string }
}

/** Where a copy reads from. The bucket defaults to the one the verb is called on. */
export interface Source extends ReadConditions, Which {
  bucket?: string
  key: string
}

export interface CopyOptions extends WriteConditions, Cancel {
  /** New attributes instead of the source's. */
  replace?: Omit<Attributes, 'tags' | 'retention' | 'legalHold'>
  /** New tags instead of the source's. */
  replaceTags?: Tags
  /** For the copy alone: neither is ever inherited, and with `replace` they stand there. */
  storageClass?: string
  websiteRedirect?: string
  /** For the copy alone: how the source is locked says nothing of it. */
  retention?: Retention
  legalHold?: boolean
  checksumAlgorithm?: ChecksumAlgorithm
}

/** The attributes are those of the object that the first append makes; one that is there keeps its own. */
export interface AppendOptions
  extends Omit<Attributes, 'retention' | 'legalHold'>,
    Integrity,
    EtagKind,
    Cancel {
  /** Where the caller believes that the object ends: elsewhere is refused. Left out: wherever it ends. */
  offset?: number
  /** An ETag without quotes, or `'*'`. */
  ifMatch?: string
}

/** The conditions are asked of the object that the rename would replace. */
export interface RenameOptions extends ReadConditions, Cancel {
  /**
   * The caller's name for this request, up to 64 characters of printable ASCII: asked again within a day, it gets
   * the same answer and nothing is done.
   */
  requestId?: string
}
