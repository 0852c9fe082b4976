import { getBucket } from '../../catalog/find.js'
import type { BucketRecord } from '../../catalog/records/bucket-record.js'
import { findSource } from '../../catalog/replication-targets.js'
import type { AddReplicationTarget, ReplicationTargetInfo } from '../../contract/replication.js'
import type { Cancel } from '../../contract/source.js'
import { EngineError, invalidArgument, noSuchBucket } from '../../errors.js'
import { limits } from '../../limits.js'
import { checkTarget } from '../../replication/check-target.js'
import { formatReplicationArn } from '../../rules/replication/replication-arn.js'
import type { Works } from '../../works.js'
import { establishTarget } from './establish-target.js'

export async function addTarget(
  works: Works,
  sourceBucket: string,
  target: AddReplicationTarget,
  { signal }: Cancel,
): Promise<ReplicationTargetInfo> {
  checkTarget(target)
  const { endpoint, bucket, region = 'us-east-1', accessKeyId, secretAccessKey } = target
  const { addressing = 'path', bandwidthLimit = 0 } = target
  for (const [name, value] of Object.entries({ endpoint, bucket, accessKeyId, secretAccessKey }))
    if (value === undefined) throw invalidArgument(name, '')
  const source = await getBucket(works.kv, sourceBucket)
  checkSource(sourceBucket, source)
  const targetId = works.ids.next()
  const arn = formatReplicationArn({ region, targetId, bucket })
  const remote = { endpoint, bucket, region, accessKeyId, secretAccessKey, addressing }
  return establishTarget(works, {
    ...{ targetId, arn, remote, source, signal },
    turn: sourceBucket,
    // Another bucket of the name is not the one that the target was asked about.
    read: (draft) => findSource(draft, { sourceBucket, sourceBucketId: source.bucketId }),
    decide({ keepsVersionIds }, found) {
      if (found === undefined) throw noSuchBucket(sourceBucket)
      checkSource(sourceBucket, found)
      const usual = keepsVersionIds
        ? limits.replicationConcurrencyDefault
        : limits.replicationConcurrencyDefaultWithoutIds
      const { concurrency = usual } = target
      return {
        ...{ arn, sourceBucketId: found.bucketId, sourceBucket, endpoint, bucket, region, addressing },
        ...{ accessKeyId, keepsVersionIds, bandwidthLimit, concurrency },
      }
    },
  })
}

function checkSource(bucket: string, { versioning, state }: BucketRecord): void {
  if (state === 'deleting')
    throw new EngineError('OperationAborted', `Bucket "${bucket}" is being removed.`, { bucket })
  if (versioning !== 'enabled')
    throw new EngineError('InvalidBucketState', `Bucket "${bucket}" has no versioning enabled.`, { bucket })
}
