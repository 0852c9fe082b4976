/**
 * What can go wrong, each with its typed details. A code that S3 has is S3's, letter for letter; only what an
 * engine alone can suffer has a name of ours. Codes never change; messages may be improved any day.
 */
export interface EngineErrorDetails {
  /** Object lock keeps the version as it is; or whoever asks for a session may not. */
  AccessDenied: { bucket?: string; key?: string }
  BadDigest: { algorithm: string; expected: string; calculated: string }
  /** What was asked for is out of bounds, and S3 has no closer word. */
  BadRequest: Record<never, never>
  BucketAlreadyExists: { bucket: string }
  BucketAlreadyOwnedByYou: { bucket: string }
  BucketNotEmpty: { bucket: string }
  CorruptBlob: { blobId: number; offset?: number }
  CorruptRecord: { key: string }
  /** What is to be removed is in use: IAM's word. */
  DeleteConflict: { kind: EntityKind; name: string }
  EngineClosed: Record<never, never>
  EngineLocked: { directory: string; holder?: string }
  EntityAlreadyExists: { kind: EntityKind; name: string }
  EntityTooLarge: { sizeBytes: number; maximumBytes: number }
  EntityTooSmall: { partNumber: number; sizeBytes: number; minimumBytes: number; etag: string }
  /** Too many events wait for a target, which would rather have writes refused than events dropped. */
  EventBacklogFull: { target: string; backlogMax: number }
  /** Who subscribed did not keep up: events between these times were dropped. Asking again goes on with what came after. */
  EventsDropped: { subscriber: string; count: number; from: Date; to: Date }
  FormatTooNew: { directory: string; found: number; supported: number }
  IllegalVersioningConfigurationException: { bucket: string }
  /** A request's id was used before, for something else. */
  IdempotencyParameterMismatch: { requestId: string }
  IncompleteBody: { expectedBytes: number; receivedBytes: number }
  /** What was given has not the form that such a thing has. */
  InvalidArgument: { argument: string; value: string }
  InvalidBucketName: { bucket: string }
  /** What is asked does not go with what the bucket is. */
  InvalidBucketState: { bucket: string }
  InvalidChecksum: { algorithm: string; value: string }
  InvalidDigest: { contentMd5: string }
  InvalidPart: { uploadId: string; partNumber: number; etag?: string }
  InvalidPartNumber: { partNumber: number; partCount: number }
  InvalidPartOrder: { uploadId: string }
  InvalidRange: { sizeBytes: number; range: string }
  InvalidRequest: { reason: string }
  InvalidRetentionPeriod: { period: number; maximum: number }
  InvalidTag: { tagKey?: string; tagValue?: string }
  InvalidURI: { key: string }
  /** Bytes are appended where the object ends, which is elsewhere. */
  InvalidWriteOffset: { offset: number; sizeBytes: number }
  KeyTooLongError: { sizeBytes: number; maximumBytes: number }
  /** One more than there may be. */
  LimitExceeded: { limit: string; maximum: number }
  /** `where`: a path into the document, such as `Statement[0].Action`, empty for the whole of it. */
  MalformedPolicy: { where: string }
  /** The version is a delete marker, which can only be deleted. */
  MethodNotAllowed: { bucket: string; key: string; versionId: string; lastModified: Date }
  MetadataTooLarge: { sizeBytes: number; maximumBytes: number }
  NoSuchBucket: { bucket: string }
  NoSuchEntity: { kind: EntityKind; name: string }
  /** `deleteMarker`: the id of the current version, which is one. */
  NoSuchKey: { bucket: string; key: string; deleteMarker?: string }
  NoSuchReplicationTarget: { arn: string }
  NoSuchStore: { directory: string }
  NoSuchUpload: { uploadId: string }
  NoSuchVersion: { bucket: string; key: string; versionId: string }
  /** The reader has what is stored: `ifNoneMatch` or `ifModifiedSince` did not ask for the bytes. */
  NotModified: {
    etag: string
    lastModified: Date
    cacheControl?: string
    expires?: string
    versionId?: string
  }
  /** Another writer of the same rows won, again and again. Trying again later is right. */
  OperationAborted: { bucket?: string; key?: string }
  PolicyTooLarge: { sizeBytes: number; maximumBytes: number }
  /** With what the condition was asked about, where there is such a thing. */
  PreconditionFailed: { condition: string; etag?: string; lastModified?: Date; versionId?: string }
  /** What a bucket's rules would have carried over cannot go to this target. `arn` is the one it would have. */
  ReplicationTargetRefused: { arn: string; reason: ReplicationRefusal }
  /** The engine was given no key by which secrets are sealed, and was asked for something that needs it. */
  SealingKeyMissing: Record<never, never>
  /** The secrets in the store are sealed under another key than the one given. */
  SealingKeyMismatch: Record<never, never>
  StorageFull: Record<never, never>
  /** `outcome` says whether the write may have happened: `'absent'` means certainly not. */
  StorageUnavailable: { outcome: 'absent' | 'unknown' }
  StoreDamaged: { directory: string; finding: string }
  TooManyParts: { partCount: number; maximum: number }
  /** More than one commit holds were to be written all or none. */
  TooManyTargets: { targetCount: number }
}

/** Why a target cannot be one: what it answered or did not, or what its bucket is. `SameBucket`: it is the very one that would be carried over. */
export type ReplicationRefusal =
  | 'AccessDenied'
  | 'InvalidEndpoint'
  | 'NoObjectLock'
  | 'NoSuchBucket'
  | 'NotVersioned'
  | 'Refused'
  | 'SameBucket'
  | 'Unreachable'

/** What identities are made of. */
export type EntityKind = 'user' | 'access key' | 'group' | 'policy'

export type EngineErrorCode = keyof EngineErrorDetails

export class EngineError<C extends EngineErrorCode = EngineErrorCode> extends Error {
  override readonly name = 'EngineError'
  /** The error's identity. Ask for this, never for the message. */
  readonly code: C
  readonly details: EngineErrorDetails[C]
  constructor(code: C, message: string, details: EngineErrorDetails[C], options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.details = details
  }
}

export function isEngineError<C extends EngineErrorCode>(error: unknown, code?: C): error is EngineError<C> {
  return error instanceof EngineError && (code === undefined || error.code === code)
}

export const noSuchBucket = (bucket: string): EngineError<'NoSuchBucket'> =>
  new EngineError('NoSuchBucket', `There is no bucket "${bucket}".`, { bucket })

/** @param deleteMarker The version id of the delete marker that is current, where one is. */
export const noSuchKey = (bucket: string, key: string, deleteMarker?: string): EngineError<'NoSuchKey'> =>
  new EngineError('NoSuchKey', `There is no key "${key}" in bucket "${bucket}".`, {
    bucket,
    key,
    ...(deleteMarker === undefined ? {} : { deleteMarker }),
  })

export const noSuchVersion = (bucket: string, key: string, versionId: string): EngineError<'NoSuchVersion'> =>
  new EngineError('NoSuchVersion', `Key "${key}" in bucket "${bucket}" has no version "${versionId}".`, {
    bucket,
    key,
    versionId,
  })

export const deleteMarkerVersion = (
  { bucket, key }: { bucket: string; key: string },
  versionId: string,
  lastModified: Date,
): EngineError<'MethodNotAllowed'> =>
  new EngineError('MethodNotAllowed', `Version "${versionId}" of "${key}" is a delete marker.`, {
    bucket,
    key,
    versionId,
    lastModified,
  })

export const deleteMarkerSource = (): EngineError<'InvalidRequest'> => {
  const reason = 'The source of a copy is a delete marker, named by its version id: there is nothing to copy.'
  return new EngineError('InvalidRequest', reason, { reason })
}

export const noSuchReplicationTarget = (arn: string): EngineError<'NoSuchReplicationTarget'> =>
  new EngineError('NoSuchReplicationTarget', `There is no replication target "${arn}".`, { arn })

export const replicationTargetRefused = (
  arn: string,
  reason: ReplicationRefusal,
  message: string,
  cause?: unknown,
): EngineError<'ReplicationTargetRefused'> =>
  new EngineError(
    'ReplicationTargetRefused',
    message,
    { arn, reason },
    cause === undefined ? undefined : { cause },
  )

export const invalidRequest = (reason: string): EngineError<'InvalidRequest'> =>
  new EngineError('InvalidRequest', reason, { reason })

export const noSuchUpload = (uploadId: string): EngineError<'NoSuchUpload'> =>
  new EngineError(
    'NoSuchUpload',
    `There is no upload "${uploadId}": it was never begun for this key, or was completed or aborted.`,
    { uploadId },
  )

export const lockedVersion = (target: { bucket: string; key: string }): EngineError<'AccessDenied'> =>
  new EngineError('AccessDenied', 'Access Denied because object protected by object lock.', {
    bucket: target.bucket,
    key: target.key,
  })

export const invalidArgument = (argument: string, value: string): EngineError<'InvalidArgument'> =>
  new EngineError('InvalidArgument', `"${value}" is no ${argument}.`, { argument, value })

export const malformedPolicy = (message: string, where = ''): EngineError<'MalformedPolicy'> =>
  new EngineError('MalformedPolicy', where === '' ? message : `${message}: ${where}`, { where })

export const noSuchEntity = (kind: EntityKind, name: string): EngineError<'NoSuchEntity'> =>
  new EngineError('NoSuchEntity', `There is no ${kind} "${name}".`, { kind, name })

export const entityAlreadyExists = (kind: EntityKind, name: string): EngineError<'EntityAlreadyExists'> =>
  new EngineError('EntityAlreadyExists', `The ${kind} "${name}" is there already.`, { kind, name })

export const limitExceeded = (limit: string, maximum: number): EngineError<'LimitExceeded'> =>
  new EngineError('LimitExceeded', `There may be no more than ${maximum} ${limit}.`, { limit, maximum })

export const busy = (target: { bucket: string; key: string }): EngineError<'OperationAborted'> =>
  new EngineError(
    'OperationAborted',
    `Others kept changing "${target.bucket}/${target.key}". Try again.`,
    target,
  )

export const entityTooLarge = (sizeBytes: number, maximumBytes: number): EngineError<'EntityTooLarge'> =>
  new EngineError('EntityTooLarge', `${sizeBytes} bytes or more were sent; ${maximumBytes} are allowed.`, {
    sizeBytes,
    maximumBytes,
  })

export const selfCopyWithoutChange = (): EngineError<'InvalidRequest'> => {
  const reason =
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
  return new EngineError('InvalidRequest', reason, { reason })
}

export const engineClosed = (): EngineError<'EngineClosed'> =>
  new EngineError('EngineClosed', 'The engine is closed.', {})

export const corruptBlob = (
  blobId: number,
  what: string,
  offset?: number,
  cause?: unknown,
): EngineError<'CorruptBlob'> =>
  new EngineError(
    'CorruptBlob',
    `Blob ${blobId} is damaged: ${what}.`,
    { blobId, ...(offset === undefined ? {} : { offset }) },
    cause === undefined ? undefined : { cause },
  )

export const storageUnavailable = (
  outcome: 'absent' | 'unknown',
  message: string,
  cause?: unknown,
): EngineError<'StorageUnavailable'> => new EngineError('StorageUnavailable', message, { outcome }, { cause })

export const engineLocked = (directory: string, holder?: string): EngineError<'EngineLocked'> =>
  new EngineError(
    'EngineLocked',
    `The directory "${directory}" is already open${holder === undefined ? '' : `, held by ${holder}`}. One process at a time may own it.`,
    { directory, ...(holder === undefined ? {} : { holder }) },
  )

export const noSuchStore = (directory: string): EngineError<'NoSuchStore'> =>
  new EngineError('NoSuchStore', `There is no store in "${directory}".`, { directory })

export const storeDamaged = (directory: string, finding: string): EngineError<'StoreDamaged'> =>
  new EngineError('StoreDamaged', `The store in "${directory}" is damaged: ${finding}.`, {
    directory,
    finding,
  })

export const formatTooNew = (
  directory: string,
  found: number,
  supported: number,
): EngineError<'FormatTooNew'> =>
  new EngineError(
    'FormatTooNew',
    `The store in "${directory}" has format ${found}; this version reads up to ${supported}.`,
    { directory, found, supported },
  )

export const storageFull = (cause?: unknown): EngineError<'StorageFull'> =>
  new EngineError('StorageFull', 'The disk is full: only what frees space is carried out.', {}, { cause })

export const corruptRecord = (key: Uint8Array, what: string): EngineError<'CorruptRecord'> => {
  const text = Buffer.from(key).toString('latin1')
  return new EngineError('CorruptRecord', `The record ${JSON.stringify(text)} is damaged: ${what}.`, {
    key: text,
  })
}
