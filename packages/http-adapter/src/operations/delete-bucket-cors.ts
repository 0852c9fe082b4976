import type { Operation } from '../operation.js'

export const deleteBucketCors: Operation = async ({ engine, target, signal }) => {
  await engine.bucket(target.bucket).setConfiguration('cors', undefined, { signal })
  return { status: 204 }
}
