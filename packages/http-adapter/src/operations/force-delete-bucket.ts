import { isEngineError } from '@aquifer/engine'
import type { Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'

/** An extension of MinIO's: the bucket with all that is in it, under a right of its own. */
export const forceDeleteBucket: Operation = async ({ engine, target, signal }) => {
  try {
    await engine.bucket(target.bucket).remove({ force: true, signal })
  } catch (error) {
    if (!isEngineError(error, 'InvalidBucketState')) throw error
    throw new S3Error('MethodNotAllowed', 'A bucket with object lock is deleted only when it is empty.', {
      Method: 'DELETE',
      ResourceType: 'BUCKET',
    })
  }
  return { status: 204 }
}
