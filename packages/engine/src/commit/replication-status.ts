import type { FoundObject } from '../catalog/find.js'
import { replicationStateKey } from '../catalog/keys.js'
import { decodeReplicationState } from '../catalog/records/replication-state-record.js'
import type { ReplicationStatus } from '../contract/replication.js'
import { isEngineError } from '../errors.js'
import type { Awaitable } from '../kv/kv.js'
import { replicationStatus } from '../rules/replication/status.js'
import { placeOf } from '../rules/version-id.js'
import type { Works } from '../works.js'

/**
 * For who reads: at once where the bucket never had replication rules. Nothing is told where what is known is damaged: an object is
 * whole without it, and `verify` names it.
 */
export function statusForReader(
  works: Pick<Works, 'kv' | 'replicationTargets'>,
  key: string,
  { bucket, record }: FoundObject,
): Awaitable<ReplicationStatus | undefined> {
  // A replica says so by itself.
  if (bucket.hasReplicationStates !== true || record.isReplica === true) return undefined
  return findStatus(works, replicationStateKey(bucket.bucketId, key, placeOf(record)))
}

async function findStatus(
  { kv, replicationTargets }: Pick<Works, 'kv' | 'replicationTargets'>,
  key: Uint8Array,
): Promise<ReplicationStatus | undefined> {
  const row = await kv.get(key)
  if (row === undefined) return undefined
  try {
    const { targets } = decodeReplicationState(row.value)
    // One that was taken away will never have it, and nobody waits for that.
    return replicationStatus(
      targets.filter(({ targetId }) => replicationTargets.find(targetId) !== undefined),
    )
  } catch (error) {
    if (!isEngineError(error, 'CorruptRecord')) throw error
    return undefined
  }
}
