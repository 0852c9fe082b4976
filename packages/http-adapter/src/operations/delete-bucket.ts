import { toldBucket } from '../events/told-bucket.js'
import type { Operation } from '../operation.js'

export const deleteBucket: Operation = async (call) => {
  await toldBucket(call).remove({ signal: call.signal })
  return { status: 204 }
}
