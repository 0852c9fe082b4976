import type { Operation } from '../operation.js'
import { getReplicationConfiguration } from '../replication/get-replication-configuration.js'
import { targetOfBucket } from '../replication/target-of-bucket.js'

/** An extension of MinIO's: ends a reset, and answers with its id alone. */
export const cancelReplicationReset: Operation = async (call) => {
  await getReplicationConfiguration(call)
  const arn = await targetOfBucket(call)
  const { resyncId } = await call.engine.replication.cancelResync(arn, { signal: call.signal })
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: resyncId }
}
