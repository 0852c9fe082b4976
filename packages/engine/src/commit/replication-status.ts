import type { FoundObject } from '../catalog/find.js'
import { replicationStateKey } from '../catalog/keys.js'
import { decodeReplicationState } from '../catalog/records/replication-state-record.js'
import type { ReplicationStatus } from '../contract/replication.js'
import { isEngineError } from '../errors.js'
import type { Awaitable, KvStore } from '../kv/kv.js'
import { replicationStatus } from '../rules/replication/status.js'
import { placeOf } from '../rules/version-id.js'

/**
 * For who reads: at once where the bucket never had replication rules. Nothing is told where what is known is damaged: an object is
 * whole without it, and `verify` names it.
 */
export function statusForReader(
  { kv }: { readonly kv: KvStore },
  key: string,
  { bucket, record }: FoundObject,
): Awaitable<ReplicationStatus | undefined> {
  // A replica says so by itself.
  if (bucket.hasReplicationStates !== true || record.isReplica === true) return undefined
  return findStatus(kv, replicationStateKey(bucket.bucketId, key, placeOf(record)))
}

async function findStatus(kv: KvStore, key: Uint8Array): Promise<ReplicationStatus | undefined> {
  const row = await kv.get(key)
  if (row === undefined) return undefined
  try {
    return replicationStatus(decodeReplicationState(row.value).targets)
  } catch (error) {
    if (!isEngineError(error, 'CorruptRecord')) throw error
    return undefined
  }
}
