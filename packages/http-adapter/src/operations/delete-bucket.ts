import { toldBucket } from '../events/told-bucket.js'
import type { Operation } from '../operation.js'

export const deleteBucket: Operation = async (call) => {
  // Source: S3 API Reference, DeleteBucket: what it says of directory buckets.
  const uploads = call.settings.profile === 'express' ? 'refuse' : 'abort'
  await toldBucket(call).remove({ uploads, signal: call.signal })
  return { status: 204 }
}
