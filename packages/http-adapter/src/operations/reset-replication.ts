import type { Operation } from '../operation.js'
import { getReplicationConfiguration } from '../replication/get-replication-configuration.js'
import { readGoDuration } from '../replication/go-duration.js'
import { targetOfBucket } from '../replication/target-of-bucket.js'
import { S3Error } from '../s3-error.js'
import { jsonReply } from '../wire/json-reply.js'

/** An extension of MinIO's: carries over anew what is there. */
export const resetReplication: Operation = async (call) => {
  const { engine, query, signal } = call
  const { rules } = await getReplicationConfiguration(call)
  const arn = await targetOfBucket(call)
  const olderThanMs = readGoDuration('older-than', query.get('older-than'))
  const asked = query.get('reset-id') || undefined
  const isForExisting = rules.some(
    ({ status, destination, existingObjects }) =>
      status === 'enabled' && destination.arn === arn && existingObjects === 'enabled',
  )
  if (!isForExisting)
    throw new S3Error(
      'XMinioReplicationNoExistingObjects',
      'No rule to this target is for objects that were there before it: none has ExistingObjectReplication enabled.',
    )
  const { resyncId } = await engine.replication.resync(arn, {
    ...(olderThanMs === undefined ? {} : { olderThanMs }),
    ...(asked === undefined ? {} : { resyncId: asked }),
    signal,
  })
  return jsonReply({ target: [{ arn, resetid: resyncId }] })
}
