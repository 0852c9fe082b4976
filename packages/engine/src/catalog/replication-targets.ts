import { Buffer } from 'node:buffer'
import type { KvStore } from '../kv/kv.js'
import { allReplicationTargets, replicationTargetIdOf } from './keys.js'
import { decodeReplicationTarget, type ReplicationTargetRecord } from './records/replication-target-record.js'
import { rowsUnder } from './scan.js'

/** Where a bucket's versions may be carried over to. A store has few targets. */
export async function* targetsOfBucket(
  kv: KvStore,
  bucketId: Uint8Array,
): AsyncGenerator<{ readonly targetId: Uint8Array; readonly record: ReplicationTargetRecord }> {
  for await (const { key, value } of rowsUnder(kv, allReplicationTargets())) {
    const record = decodeReplicationTarget(value, 'a replication target')
    if (Buffer.compare(record.sourceBucketId, bucketId) === 0)
      yield { targetId: replicationTargetIdOf(key), record }
  }
}
