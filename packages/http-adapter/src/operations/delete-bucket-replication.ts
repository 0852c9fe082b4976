import { isEngineError } from '@aquifer/engine'
import type { Operation } from '../operation.js'

/** With the rules go the targets that they named, as on AIStor. */
export const deleteBucketReplication: Operation = async ({ engine, target, signal }) => {
  const bucket = engine.bucket(target.bucket)
  const configuration = await bucket.getConfiguration('replication', { signal })
  await bucket.setConfiguration('replication', undefined, { signal })
  const arns = new Set(configuration?.rules.map(({ destination }) => destination.arn))
  for (const arn of arns) {
    try {
      await engine.replication.removeTarget(arn, { signal })
    } catch (error) {
      // Somebody has removed it, or has given the bucket other rules that name it.
      if (!isEngineError(error, 'NoSuchReplicationTarget') && !isEngineError(error, 'InvalidRequest'))
        throw error
    }
  }
  return { status: 204 }
}
