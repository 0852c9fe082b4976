import type { Upload } from '@aquifer/engine'
import { toldBucket } from '../events/told-bucket.js'
import { limits } from '../limits.js'
import type { Call } from '../operation.js'
import { invalidArgument } from '../s3-error.js'

/** The upload a request names. Whether there is one shows when it is used. */
export const uploadOf = (call: Call): Upload =>
  toldBucket(call).upload(call.target.key, call.query.get('uploadId') ?? '')

/** @throws {@link S3Error} `InvalidArgument` */
export function readPartNumber({ query }: Call): number {
  const text = query.get('partNumber')
  const partNumber = /^\d{1,6}$/.test(text ?? '') ? Number(text) : 0
  if (partNumber < 1 || partNumber > limits.partNumberMax)
    throw invalidArgument(
      `Part number must be an integer between 1 and ${limits.partNumberMax}, inclusive`,
      'partNumber',
      text,
    )
  return partNumber
}
