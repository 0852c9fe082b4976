import type { Operation } from '../operation.js'

export const deleteBucketLifecycle: Operation = async ({ engine, target, signal }) => {
  await engine.bucket(target.bucket).setConfiguration('lifecycle', undefined, { signal })
  return { status: 204 }
}
