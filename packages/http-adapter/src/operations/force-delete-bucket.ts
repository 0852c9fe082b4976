import { isEngineError } from '@aquifer/engine'
import { toldBucket } from '../events/told-bucket.js'
import type { Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'

/** An extension of MinIO's: the bucket with all that is in it, under a right of its own. */
export const forceDeleteBucket: Operation = async (call) => {
  try {
    await toldBucket(call).remove({ force: true, signal: call.signal })
  } catch (error) {
    if (!isEngineError(error, 'InvalidBucketState')) throw error
    throw new S3Error('MethodNotAllowed', 'A bucket with object lock is deleted only when it is empty.', {
      Method: 'DELETE',
      ResourceType: 'BUCKET',
    })
  }
  return { status: 204 }
}
