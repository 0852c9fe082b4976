import { isEngineError } from '@aquifer/engine'
import { accessDenied, type Rights } from './rights.js'

/**
 * That a key is not there is told to who may list the bucket, and to others only that they are not let in: by asking for
 * one key after the other they would have the list. Source: S3 API Reference, GetObject, "Permissions".
 */
export async function hideMissing(error: unknown, rights: Rights): Promise<unknown> {
  if (isEngineError(error, 'NoSuchKey'))
    return (await rights.may('s3:ListBucket', { bucket: error.details.bucket, key: '' }))
      ? error
      : accessDenied()
  if (isEngineError(error, 'NoSuchVersion'))
    return (await rights.may('s3:ListBucketVersions', { bucket: error.details.bucket, key: '' }))
      ? error
      : accessDenied()
  return error
}
