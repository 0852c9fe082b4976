import { removedVersionKey } from '../../catalog/keys.js'
import { decodeRemovedVersion } from '../../catalog/records/removed-version-record.js'
import type { EngineEvent } from '../../contract/events.js'
import type { Carried } from '../../contract/replication.js'
import { ReplicationError } from '../../replication-error.js'
import { joinLocks, type LocksMs } from '../../rules/replication/locks-ms.js'
import type { Works } from '../../works.js'
import type { Carrying } from './carrying.js'
import type { FoundState, Lined } from './version-state.js'

/** The version was removed here for good. Answers whether the target was asked. */
export async function removeThere(
  { works, target, connection }: Carrying,
  lined: Lined,
  event: EngineEvent,
  signal: AbortSignal,
): Promise<boolean> {
  const { key, versionId = '', metadata = {} } = event
  const { targetVersionId } = metadata
  // It never came there, or by a name that nobody knows.
  if (!target.record.keepsVersionIds && targetVersionId === undefined) return false
  const { retentionMs, legalHoldMs } = await locksOf(works, lined, event)
  const changed = {
    ...(retentionMs !== undefined && { retention: new Date(retentionMs) }),
    ...(legalHoldMs !== undefined && { legalHold: new Date(legalHoldMs) }),
  }
  await connection.remove(
    { key, versionId, changed, ...(targetVersionId !== undefined && { targetVersionId }) },
    { signal },
  )
  return true
}

/** More may have become known of its locks since: the version may have been here again, and have been removed once more. */
async function locksOf(works: Works, { target, key, place }: Lined, event: EngineEvent): Promise<LocksMs> {
  const row = await works.kv.get(removedVersionKey(target.record.sourceBucketId, key, place))
  const removed = row && decodeRemovedVersion(row.value)
  const { retentionMs, legalHoldMs } = event.metadata ?? {}
  const knownThen = {
    ...(retentionMs !== undefined && { retentionMs: Number(retentionMs) }),
    ...(legalHoldMs !== undefined && { legalHoldMs: Number(legalHoldMs) }),
  }
  return joinLocks(knownThen, removed ?? {})
}

/** The version went while it was sent. Where ids are kept its removal finds it; elsewhere nobody else knows by what name it came. */
export async function removeWhatCameLate(
  { target, connection }: Carrying,
  { key, versionId = '' }: EngineEvent,
  { targetVersionId }: Carried,
  signal: AbortSignal,
): Promise<void> {
  if (target.record.keepsVersionIds || targetVersionId === undefined) return
  await connection.remove({ key, versionId, targetVersionId }, { signal })
}

/** Nothing will be said any more of what it was there before. What keeps it there keeps it, for no reason to send it once more. */
export async function removeFormer(
  { connection }: Carrying,
  { key }: Lined,
  versionId: string,
  { toTarget }: FoundState,
  signal: AbortSignal,
): Promise<void> {
  const targetVersionId = toTarget?.targetVersionId
  if (targetVersionId === undefined) return
  try {
    await connection.remove({ key, versionId, targetVersionId }, { signal })
  } catch (error) {
    if (!(error instanceof ReplicationError)) throw error
  }
}
