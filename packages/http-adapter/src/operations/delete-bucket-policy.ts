import type { Operation } from '../operation.js'

export const deleteBucketPolicy: Operation = async ({ engine, target, signal }) => {
  await engine.bucket(target.bucket).setConfiguration('policy', undefined, { signal })
  return { status: 204 }
}
