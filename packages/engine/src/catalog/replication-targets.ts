import { Buffer } from 'node:buffer'
import { isEngineError } from '../errors.js'
import type { KvStore } from '../kv/kv.js'
import type { Lookup } from './find.js'
import { allReplicationTargets, bucketKey, replicationTargetIdOf } from './keys.js'
import { type BucketRecord, decodeBucket } from './records/bucket-record.js'
import { decodeReplicationTarget, type ReplicationTargetRecord } from './records/replication-target-record.js'
import { rowsUnder } from './scan.js'

interface FoundTarget {
  readonly targetId: Uint8Array
  readonly record: ReplicationTargetRecord
}

/** Whose row is damaged: `verify` names it, and what waits for it stays, so that nothing is lost where it is mended. */
interface DamagedTarget {
  readonly targetId: Uint8Array
  readonly record?: never
}

/** Where versions may be carried over to. A store has few targets. */
export async function* allTargets(kv: KvStore): AsyncGenerator<FoundTarget | DamagedTarget> {
  for await (const { key, value } of rowsUnder(kv, allReplicationTargets())) {
    const record = readTarget(value)
    yield { targetId: replicationTargetIdOf(key), ...(record && { record }) }
  }
}

/** Those of a bucket. Of a damaged one nobody can tell whose it is. */
export async function* targetsOfBucket(kv: KvStore, bucketId: Uint8Array): AsyncGenerator<FoundTarget> {
  for await (const { targetId, record } of allTargets(kv))
    if (record && Buffer.compare(record.sourceBucketId, bucketId) === 0) yield { targetId, record }
}

/** The bucket that a target was made for; undefined where it has gone, also where another has its name now. */
export async function findSource(
  lookup: Lookup,
  { sourceBucket, sourceBucketId }: Pick<ReplicationTargetRecord, 'sourceBucket' | 'sourceBucketId'>,
): Promise<BucketRecord | undefined> {
  const row = await lookup.get(bucketKey(sourceBucket))
  const bucket = row && decodeBucket(row.value, `bucket "${sourceBucket}"`)
  return bucket && Buffer.compare(bucket.bucketId, sourceBucketId) === 0 ? bucket : undefined
}

function readTarget(value: Uint8Array): ReplicationTargetRecord | undefined {
  try {
    return decodeReplicationTarget(value, 'a replication target')
  } catch (error) {
    if (isEngineError(error, 'CorruptRecord')) return undefined
    throw error
  }
}
