import { corsDocument } from '../cors/cors-document.js'
import type { Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'

export const getBucketCors: Operation = async ({ engine, target, signal }) => {
  const rules = await engine.bucket(target.bucket).getConfiguration('cors', { signal })
  if (rules === undefined)
    throw new S3Error('NoSuchCORSConfiguration', 'The CORS configuration does not exist', {
      BucketName: target.bucket,
    })
  return { status: 200, body: corsDocument(rules) }
}
