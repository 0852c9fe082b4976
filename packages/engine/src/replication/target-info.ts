import type { ReplicationTargetRecord } from '../catalog/records/replication-target-record.js'
import type { ReplicationTargetInfo } from '../contract/replication.js'

/** A target as a caller sees it: without its secret. */
export function toTargetInfo(record: ReplicationTargetRecord): ReplicationTargetInfo {
  const { arn, sourceBucket, endpoint, bucket, region, accessKeyId, addressing } = record
  const { keepsVersionIds, bandwidthLimit, concurrency } = record
  return {
    ...{ arn, sourceBucket, endpoint, bucket, region, accessKeyId, addressing, keepsVersionIds, concurrency },
    ...(bandwidthLimit > 0 && { bandwidthLimit }),
  }
}
