import type { Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { objectLockDocument } from '../wire/object-lock.js'

export const getObjectLockConfiguration: Operation = async ({ engine, target, signal }) => {
  const objectLock = await engine.bucket(target.bucket).getConfiguration('objectLock', { signal })
  if (objectLock === undefined)
    throw new S3Error(
      'ObjectLockConfigurationNotFoundError',
      'Object Lock configuration does not exist for this bucket',
      { BucketName: target.bucket },
    )
  return { status: 200, body: objectLockDocument(objectLock) }
}
