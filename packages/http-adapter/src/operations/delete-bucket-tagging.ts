import type { Operation } from '../operation.js'

export const deleteBucketTagging: Operation = async ({ engine, target, signal }) => {
  await engine.bucket(target.bucket).setConfiguration('tagging', undefined, { signal })
  return { status: 204 }
}
