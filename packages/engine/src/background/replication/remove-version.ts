import { removedVersionKey } from '../../catalog/keys.js'
import { datedFacts } from '../../commit/replica-facts.js'
import type { EngineEvent } from '../../contract/events.js'
import type { Carried } from '../../contract/replication.js'
import { ReplicationError } from '../../replication-error.js'
import { chooseRules } from '../../rules/replication/choose-rules.js'
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
  carrying: Carrying,
  lined: Lined,
  versionId: string,
  { sent, targetVersionId }: { readonly sent: FoundState } & Carried,
  signal: AbortSignal,
): Promise<void> {
  const { target, connection } = carrying
  const { key } = lined
  if (target.record.keepsVersionIds) return removeWhatCameBack(carrying, lined, versionId, sent, signal)
  if (targetVersionId !== undefined) await connection.remove({ key, versionId, targetVersionId }, { signal })
}

/**
 * What is locked is taken also where it had been removed. Was it sent for a lock that was taken away here since, and was it then removed
 * here by that very removal, nobody else sees to it that it goes there. Whatever kept it had been passed over, or said anew, here.
 */
async function removeWhatCameBack(
  { works, target, connection }: Carrying,
  { key, place }: Lined,
  versionId: string,
  { bucket, version, state }: FoundState,
  signal: AbortSignal,
): Promise<void> {
  const { record } = version!
  if (record.retention === undefined && record.legalHold !== true) return
  if ((await works.kv.get(removedVersionKey(bucket.bucketId, key, place))) === undefined) return
  const rules = await works.replicationRules.of(bucket)
  const mine = rules?.filter(({ arn }) => arn === target.record.arn) ?? []
  const [chosen] = chooseRules(mine, { key, tags: record.tags, isDeleteMarker: false }, () => true)
  if (chosen?.rule.versionDeletes !== 'enabled') return
  const { retention, legalHold } = datedFacts(record, state)
  const changed = {
    retention: new Date(retention.ms),
    legalHold: new Date(legalHold.ms + (legalHold.value === true ? 1 : 0)),
  }
  try {
    await connection.remove({ key, versionId, changed }, { signal })
  } catch (error) {
    // By a lock that nobody here knew of.
    if (!(error instanceof ReplicationError && error.code === 'Locked')) throw error
  }
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
