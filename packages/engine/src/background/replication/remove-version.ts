import type { EngineEvent } from '../../contract/events.js'
import type { Carried } from '../../contract/replication.js'
import { ReplicationError } from '../../replication-error.js'
import type { Carrying } from './carry-version.js'
import type { FoundState, Lined } from './version-state.js'

/** The version was removed here for good. Answers whether the target was asked. */
export async function removeThere(
  { target, connection }: Carrying,
  { key }: Lined,
  { versionId = '', metadata = {} }: EngineEvent,
  signal: AbortSignal,
): Promise<boolean> {
  const { targetVersionId, retentionMs, legalHoldMs } = metadata
  // It never came there, or by a name that nobody knows.
  if (!target.record.keepsVersionIds && targetVersionId === undefined) return false
  const changed = {
    ...(retentionMs !== undefined && { retention: new Date(Number(retentionMs)) }),
    ...(legalHoldMs !== undefined && { legalHold: new Date(Number(legalHoldMs)) }),
  }
  await connection.remove(
    { key, versionId, changed, ...(targetVersionId !== undefined && { targetVersionId }) },
    { signal },
  )
  return true
}

/**
 * The version went while it was sent. Where ids are kept its removal finds it, if there is one; elsewhere nobody else knows by what
 * name it came.
 */
export async function removeWhatCameLate(
  { target, connection }: Carrying,
  { key }: Lined,
  versionId: string,
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
