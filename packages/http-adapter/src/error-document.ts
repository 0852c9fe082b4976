import {
  type EngineError,
  type EngineErrorCode,
  type EngineErrorDetails,
  isEngineError,
  type ReplicationRefusal,
} from '@aquifer/engine'
import { contentSha256Mismatch } from './auth/payload.js'
import { internalError, messageOf } from './messages.js'
import { FunctionError, S3Error } from './s3-error.js'
import { type S3Code, s3CodeOf, statusOf } from './status.js'
import { httpDate } from './wire/dates.js'
import { quoted } from './wire/etags.js'
import { writeVersionId } from './wire/version-id.js'
import { plainDocument, text } from './wire/xml-out.js'

/** What a client is told went wrong. */
export interface Problem {
  /** S3's, but for what a function behind Object Lambda tells. */
  readonly code: string
  readonly status: number
  readonly message: string
  readonly elements: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}

/** Any error as S3 tells it. What S3 has no name for, and what is our own fault, is told without particulars. */
export function problemOf(error: unknown): Problem {
  if (error instanceof S3Error) return problem(error.code, error.message, error.elements, error.headers)
  if (error instanceof FunctionError) {
    const { code, status, message, headers } = error
    return { code, status, message, elements: {}, headers }
  }
  if (!isEngineError(error)) return problem('InternalError', internalError)
  if (isEngineError(error, 'BadDigest') && error.details.algorithm === 'content-sha256') {
    const { expected, calculated } = error.details
    return problemOf(contentSha256Mismatch(hexOf(expected), hexOf(calculated)))
  }
  if (isEngineError(error, 'ReplicationTargetRefused'))
    return problem(refusedTarget[error.details.reason], error.message, { Target: error.details.arn })
  const code = isOwn(error.code) ? s3CodeOf[error.code] : error.code
  return problem(code, messageOf(error, code), elementsOf(error), headersOf(error))
}

export const errorDocument = (
  { code, message, elements }: Problem,
  requestId: string,
  hostId: string,
): string =>
  plainDocument(
    'Error',
    text('Code', code),
    text('Message', message),
    ...Object.entries(elements).map(([name, value]) => text(name, value)),
    text('RequestId', requestId),
    text('HostId', hostId),
  )

function problem(
  code: S3Code,
  message: string,
  elements: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Problem {
  return { code, status: statusOf[code], message, elements, headers }
}

/** What AIStor calls what is wrong with a target. */
const refusedTarget: Readonly<Record<ReplicationRefusal, S3Code>> = {
  AccessDenied: 'XMinioAdminReplicationRemoteConnectionError',
  InvalidEndpoint: 'InvalidRequest',
  NoObjectLock: 'ReplicationDestinationMissingLockError',
  NoSuchBucket: 'RemoteDestinationNotFoundError',
  NotVersioned: 'RemoteTargetNotVersionedError',
  Refused: 'InvalidRequest',
  SameBucket: 'XMinioAdminRemoteIdenticalToSource',
  Unreachable: 'XMinioAdminReplicationRemoteConnectionError',
}

const hexOf = (base64: string): string => Buffer.from(base64, 'base64').toString('hex')

const isOwn = (code: EngineErrorCode): code is keyof typeof s3CodeOf => code in s3CodeOf

type Elements = Record<string, string>

/** The elements S3 adds for a code, out of the engine's details. Codes without any are not named. */
const detailElements: { [C in EngineErrorCode]?: (details: EngineErrorDetails[C]) => Elements } = {
  BadDigest: ({ expected, calculated }) => ({ ExpectedDigest: expected, CalculatedDigest: calculated }),
  BucketAlreadyExists: ({ bucket }) => ({ BucketName: bucket }),
  BucketAlreadyOwnedByYou: ({ bucket }) => ({ BucketName: bucket }),
  BucketNotEmpty: ({ bucket }) => ({ BucketName: bucket }),
  EntityTooLarge: ({ sizeBytes, maximumBytes }) => ({
    ProposedSize: String(sizeBytes),
    MaxSizeAllowed: String(maximumBytes),
  }),
  EntityTooSmall: ({ sizeBytes, minimumBytes, partNumber, etag }) => ({
    ProposedSize: String(sizeBytes),
    MinSizeAllowed: String(minimumBytes),
    PartNumber: String(partNumber),
    ETag: etag,
  }),
  InvalidBucketName: ({ bucket }) => ({ BucketName: bucket }),
  InvalidDigest: ({ contentMd5 }) => ({ 'Content-MD5': contentMd5 }),
  InvalidPart: ({ uploadId, partNumber, etag }) => ({
    UploadId: uploadId,
    PartNumber: String(partNumber),
    ...(etag === undefined ? {} : { ETag: etag }),
  }),
  InvalidPartNumber: ({ partNumber, partCount }) => ({
    PartNumberRequested: String(partNumber),
    ActualPartCount: String(partCount),
  }),
  InvalidPartOrder: ({ uploadId }) => ({ UploadId: uploadId }),
  InvalidRange: ({ sizeBytes, range }) => ({ ActualObjectSize: String(sizeBytes), RangeRequested: range }),
  InvalidTag: ({ tagKey, tagValue }) => ({
    ...(tagKey === undefined ? {} : { TagKey: tagKey }),
    ...(tagValue === undefined ? {} : { TagValue: tagValue }),
  }),
  KeyTooLongError: ({ sizeBytes, maximumBytes }) => ({
    Size: String(sizeBytes),
    MaxSizeAllowed: String(maximumBytes),
  }),
  MalformedPolicy: ({ where }) => ({ ...(where !== '' && { Detail: where }) }),
  MetadataTooLarge: ({ sizeBytes, maximumBytes }) => ({
    Size: String(sizeBytes),
    MaxSizeAllowed: String(maximumBytes),
  }),
  NoSuchBucket: ({ bucket }) => ({ BucketName: bucket }),
  NoSuchKey: ({ key }) => ({ Key: key }),
  MethodNotAllowed: () => ({ ResourceType: 'DeleteMarker' }),
  NoSuchVersion: ({ key, versionId }) => ({ Key: key, VersionId: versionId }),
  NoSuchUpload: ({ uploadId }) => ({ UploadId: uploadId }),
  PreconditionFailed: ({ condition }) => ({ Condition: conditionNames[condition] ?? condition }),
}

const conditionNames: Readonly<Record<string, string>> = {
  ifMatch: 'If-Match',
  ifNoneMatch: 'If-None-Match',
  ifModifiedSince: 'If-Modified-Since',
  ifUnmodifiedSince: 'If-Unmodified-Since',
  ifLastModified: 'x-amz-if-match-last-modified-time',
  ifSizeBytes: 'x-amz-if-match-size',
  'source.ifMatch': 'x-amz-copy-source-If-Match',
  'source.ifNoneMatch': 'x-amz-copy-source-If-None-Match',
  'source.ifModifiedSince': 'x-amz-copy-source-If-Modified-Since',
  'source.ifUnmodifiedSince': 'x-amz-copy-source-If-Unmodified-Since',
}

function elementsOf<C extends EngineErrorCode>(error: EngineError<C>): Elements {
  return detailElements[error.code]?.(error.details) ?? {}
}

function headersOf(error: EngineError): Elements {
  if (isEngineError(error, 'PreconditionFailed')) {
    const { etag, lastModified, versionId } = error.details
    return {
      ...(etag === undefined ? {} : { etag: quoted(etag) }),
      ...(lastModified === undefined ? {} : { 'last-modified': httpDate(lastModified) }),
      ...writeVersionId(versionId),
    }
  }
  if (isEngineError(error, 'NotModified')) {
    const { etag, lastModified, cacheControl, expires, versionId } = error.details
    return {
      etag: quoted(etag),
      'last-modified': httpDate(lastModified),
      ...(cacheControl === undefined ? {} : { 'cache-control': cacheControl }),
      ...(expires === undefined ? {} : { expires }),
      ...writeVersionId(versionId),
    }
  }
  if (isEngineError(error, 'NoSuchKey') && error.details.deleteMarker !== undefined)
    return { 'x-amz-delete-marker': 'true', ...writeVersionId(error.details.deleteMarker) }
  if (isEngineError(error, 'MethodNotAllowed')) {
    const { versionId, lastModified } = error.details
    const marker = { 'x-amz-delete-marker': 'true', ...writeVersionId(versionId) }
    return { allow: 'DELETE', 'last-modified': httpDate(lastModified), ...marker }
  }
  return statusOf[isOwn(error.code) ? s3CodeOf[error.code] : error.code] === 503 ? { 'retry-after': '5' } : {}
}
