import { isEngineError } from '@aquifer/engine'
import { toldBucket } from '../events/told-bucket.js'
import type { Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'

/** An extension of MinIO's: the bucket with all that is in it, under a right of its own. */
export const forceDeleteBucket: Operation = async (call) => {
  const { signal } = call
  const bucket = toldBucket(call)
  if ((await bucket.getConfiguration('replication', { signal })) !== undefined)
    throw refused('A bucket with rules of replication is deleted so when they are taken back.')
  try {
    await bucket.remove({ force: true, signal })
  } catch (error) {
    if (!isEngineError(error, 'InvalidBucketState')) throw error
    throw refused('A bucket with object lock is deleted only when it is empty.')
  }
  return { status: 204 }
}

const refused = (message: string): S3Error =>
  new S3Error('MethodNotAllowed', message, { Method: 'DELETE', ResourceType: 'BUCKET' })
