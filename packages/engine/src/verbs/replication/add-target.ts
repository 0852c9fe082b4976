import { getBucket } from '../../catalog/find.js'
import { replicationTargetKey } from '../../catalog/keys.js'
import type { BucketRecord } from '../../catalog/records/bucket-record.js'
import {
  encodeReplicationTarget,
  type ReplicationTargetRecord,
} from '../../catalog/records/replication-target-record.js'
import { findSource } from '../../catalog/replication-targets.js'
import { commit } from '../../commit/commit.js'
import type {
  AddReplicationTarget,
  RemoteBucket,
  ReplicationTarget,
  ReplicationTargetInfo,
} from '../../contract/replication.js'
import type { Cancel } from '../../contract/source.js'
import {
  EngineError,
  invalidArgument,
  invalidRequest,
  noSuchBucket,
  replicationTargetRefused,
} from '../../errors.js'
import { limits } from '../../limits.js'
import { checkTarget } from '../../replication/check-target.js'
import { probeTarget } from '../../replication/probe-target.js'
import { toTargetInfo } from '../../replication/target-info.js'
import { formatReplicationArn } from '../../rules/replication/replication-arn.js'
import type { Works } from '../../works.js'

/** Called first; then its row, with its secret sealed. A crash between leaves nothing. */
export async function addTarget(
  works: Works,
  sourceBucket: string,
  target: AddReplicationTarget,
  { signal }: Cancel,
): Promise<ReplicationTargetInfo> {
  checkTarget(target)
  const { endpoint, bucket, region = 'us-east-1', accessKeyId, secretAccessKey } = target
  const {
    addressing = 'path',
    bandwidthLimit = 0,
    concurrency = limits.replicationConcurrencyDefault,
  } = target
  for (const [name, value] of Object.entries({ endpoint, bucket, accessKeyId, secretAccessKey }))
    if (value === undefined) throw invalidArgument(name, '')
  const source = await getBucket(works.kv, sourceBucket)
  checkSource(sourceBucket, source)
  const targetId = works.ids.next()
  const arn = formatReplicationArn({ region, targetId, bucket })
  const remote = { endpoint, bucket, region, accessKeyId, secretAccessKey, addressing }
  const connection = connectTo(works, arn, remote)
  try {
    const { keepsVersionIds } = await probeTarget(works, arn, connection, source, signal)
    const record = await commit(works, {
      turns: [sourceBucket],
      read: async (draft) => ({
        // Another bucket of the name is not the one that the target was asked about.
        found: await findSource(draft, { sourceBucket, sourceBucketId: source.bucketId }),
        sealing: await works.sealing.read(draft),
      }),
      decide: ({ found, sealing }, draft): ReplicationTargetRecord => {
        if (found === undefined) throw noSuchBucket(sourceBucket)
        checkSource(sourceBucket, found)
        const record: ReplicationTargetRecord = {
          ...{ arn, sourceBucketId: found.bucketId, sourceBucket, endpoint, bucket, region, addressing },
          ...{ accessKeyId, keepsVersionIds, bandwidthLimit, concurrency },
          sealedSecret: sealing.use(draft).seal({ targetArn: arn, accessKeyId }, { secretAccessKey }),
        }
        draft.put(replicationTargetKey(targetId), encodeReplicationTarget(record))
        return record
      },
    })
    await works.replicationTargets.remember({ targetId, record, connection })
    return toTargetInfo(record)
  } catch (error) {
    await connection.close?.()
    throw error
  }
}

/** @throws {@link EngineError} `InvalidRequest`, `ReplicationTargetRefused` */
export function connectTo(works: Works, arn: string, remote: RemoteBucket): ReplicationTarget {
  const { connect } = works.replicationTargets
  if (connect === undefined)
    throw invalidRequest(
      'The engine was opened without connectReplicationTarget: it can reach no other bucket.',
    )
  if (!works.sealing.hasKey)
    throw invalidRequest('The engine was opened without a sealing key: it can keep no secret of a target.')
  try {
    return connect(remote)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw replicationTargetRefused(arn, 'InvalidEndpoint', message, error)
  }
}

function checkSource(bucket: string, { versioning, state }: BucketRecord): void {
  if (state === 'deleting')
    throw new EngineError('OperationAborted', `Bucket "${bucket}" is being removed.`, { bucket })
  if (versioning !== 'enabled')
    throw new EngineError('InvalidBucketState', `Bucket "${bucket}" has no versioning enabled.`, { bucket })
}
