import { Buffer } from 'node:buffer'
import { replicationTargetKey, resyncKey } from '../../catalog/keys.js'
import { decodeResync } from '../../catalog/records/resync-record.js'
import { findSource } from '../../catalog/replication-targets.js'
import { beginResync } from '../../commit/begin-resync.js'
import { commit } from '../../commit/commit.js'
import type { ResyncOptions, ResyncStatus } from '../../contract/replication.js'
import { invalidArgument, invalidRequest, noSuchReplicationTarget } from '../../errors.js'
import { toResyncStatus } from '../../replication/resync-status.js'
import { targetTurn } from '../../replication/targets.js'
import type { Works } from '../../works.js'

const RESYNC_ID = /^[\x21-\x7e]{1,128}$/

/** Written down, and begun in the background. */
export async function resync(
  works: Works,
  arn: string,
  { olderThanMs = 0, resyncId = newResyncId(works.ids.next()) }: ResyncOptions,
): Promise<ResyncStatus> {
  if (!RESYNC_ID.test(resyncId)) throw invalidArgument('resyncId', resyncId)
  if (!Number.isSafeInteger(olderThanMs) || olderThanMs < 0)
    throw invalidArgument('olderThanMs', String(olderThanMs))
  const { targetId, record: known } = works.replicationTargets.getByArn(arn)
  const record = await commit(works, {
    turns: [targetTurn(targetId)],
    read: async (draft) => {
      const bucket = await findSource(draft, known)
      return {
        target: await draft.get(replicationTargetKey(targetId)),
        before: await draft.get(resyncKey(targetId)),
        bucket,
        rules: bucket && (await works.replicationRules.of(bucket)),
      }
    },
    decide: ({ target, before, bucket, rules }, draft) => {
      if (target === undefined) throw noSuchReplicationTarget(arn)
      const mine = rules?.find((each) => each.arn === arn)
      if (bucket === undefined || !mine?.rules.some(({ existingObjects }) => existingObjects === 'enabled'))
        throw invalidRequest('No replication rule to the target has existing objects carried over.')
      if (before !== undefined && decodeResync(before.value).status === 'ongoing')
        throw invalidRequest('A resync of the target is going on.')
      const nowMs = works.clock.now()
      const untilMs = Math.max(0, nowMs - olderThanMs)
      const begun = { targetId, bucket: known.sourceBucket, record: bucket, nowMs, resyncId, untilMs }
      return beginResync(draft, begun)
    },
  })
  return toResyncStatus(arn, record)
}

const newResyncId = (id: Uint8Array): string => Buffer.from(id).toString('hex')
