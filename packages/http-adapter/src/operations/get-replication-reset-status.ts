import type { Operation } from '../operation.js'
import { getReplicationConfiguration } from '../replication/get-replication-configuration.js'
import { resyncDocument } from '../replication/metrics-document.js'
import { targetOfBucket } from '../replication/target-of-bucket.js'
import { jsonReply } from '../wire/json-reply.js'

/** An extension of MinIO's: how far a reset has come, to one target or to all. */
export const getReplicationResetStatus: Operation = async (call) => {
  const { engine, target, query, signal } = call
  await getReplicationConfiguration(call)
  const arn = query.get('arn') ? await targetOfBucket(call) : undefined
  const resyncs = await engine.replication.resyncStatus(target.bucket, { signal })
  return jsonReply(
    resyncDocument(
      target.bucket,
      resyncs.filter((resync) => arn === undefined || resync.arn === arn),
    ),
  )
}
