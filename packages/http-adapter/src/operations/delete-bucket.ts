import type { Operation } from '../operation.js'

export const deleteBucket: Operation = async ({ engine, target, signal }) => {
  await engine.bucket(target.bucket).remove({ signal })
  return { status: 204 }
}
