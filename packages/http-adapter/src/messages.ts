import { type EngineError, type EngineErrorCode, isEngineError } from '@aquifer/engine'
import { type S3Code, statusOf } from './status.js'
import { checksumSpellings } from './wire/checksums.js'

/**
 * What clients are told of an error of the engine: in the words S3 uses for the code, which scripts and people look
 * for, and otherwise in the engine's own. What is our own fault is told without particulars.
 */
export function messageOf(error: EngineError, code: S3Code): string {
  if (isEngineError(error, 'BadDigest')) return badDigest(error.details.algorithm)
  const words = inS3sWords[error.code]
  if (words !== undefined) return words
  return statusOf[code] < 500 ? error.message : (ownTroubles[code] ?? internalError)
}

export const internalError = 'We encountered an internal error. Please try again.'

const badDigest = (algorithm: string): string =>
  algorithm in checksumSpellings
    ? `The ${checksumSpellings[algorithm as keyof typeof checksumSpellings].label} you specified did not match the calculated checksum.`
    : 'The Content-MD5 you specified did not match what we received.'

/** Codes whose message says more than S3's would, such as `InvalidRequest`, are not named. */
const inS3sWords: { readonly [C in EngineErrorCode]?: string } = {
  BucketAlreadyExists:
    'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
  BucketAlreadyOwnedByYou:
    'Your previous request to create the named bucket succeeded and you already own it.',
  BucketNotEmpty: 'The bucket you tried to delete is not empty',
  EntityTooLarge: 'Your proposed upload exceeds the maximum allowed size',
  EntityTooSmall: 'Your proposed upload is smaller than the minimum allowed size',
  IdempotencyParameterMismatch:
    'Parameters on this idempotent request are inconsistent with parameters used in previous request(s).',
  IncompleteBody: 'You did not provide the number of bytes specified by the Content-Length HTTP header',
  InvalidBucketName: 'The specified bucket is not valid.',
  InvalidDigest: 'The Content-MD5 you specified was invalid.',
  InvalidPart:
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  InvalidPartNumber: 'The requested partnumber is not satisfiable',
  InvalidPartOrder: 'The list of parts was not in ascending order. Parts must be ordered by part number.',
  InvalidRange: 'The requested range is not satisfiable',
  InvalidURI: "Couldn't parse the specified URI.",
  InvalidWriteOffset: 'The write offset value that you specified does not match the current object size.',
  KeyTooLongError: 'Your key is too long',
  MethodNotAllowed: 'The specified method is not allowed against this resource.',
  MetadataTooLarge: 'Your metadata headers exceed the maximum allowed metadata size',
  NoSuchBucket: 'The specified bucket does not exist',
  NoSuchKey: 'The specified key does not exist.',
  NoSuchUpload:
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
  NoSuchVersion: 'The specified version does not exist.',
  OperationAborted:
    'A conflicting conditional operation is currently in progress against this resource. Please try again.',
  TooManyParts:
    'You have attempted to add more parts than the maximum of 10000 that are allowed for this object.',
  PreconditionFailed: 'At least one of the pre-conditions you specified did not hold',
}

const ownTroubles: Partial<Record<S3Code, string>> = {
  ServiceUnavailable: 'The service is unavailable for the moment. Please try again.',
  XMinioStorageFull: 'The storage is full. Delete something, or give it more space.',
}
