import type { Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { taggingDocument } from '../wire/tagging.js'

export const getBucketTagging: Operation = async ({ engine, target, signal }) => {
  const tags = await engine.bucket(target.bucket).getConfiguration('tagging', { signal })
  if (tags === undefined)
    throw new S3Error('NoSuchTagSet', 'The TagSet does not exist', { BucketName: target.bucket })
  return { status: 200, body: taggingDocument(tags) }
}
