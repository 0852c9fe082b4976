import type { Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'

export const getBucketPolicy: Operation = async ({ engine, target, signal }) => {
  const policy = await engine.bucket(target.bucket).getConfiguration('policy', { signal })
  if (policy === undefined)
    throw new S3Error('NoSuchBucketPolicy', 'The bucket policy does not exist', { BucketName: target.bucket })
  return { status: 200, headers: { 'content-type': 'application/json' }, body: policy }
}
