import { existingKey, replicationTargetKey, resyncKey } from '../../catalog/keys.js'
import { findSource } from '../../catalog/replication-targets.js'
import { commit } from '../../commit/commit.js'
import { invalidRequest, noSuchReplicationTarget } from '../../errors.js'
import { forgetBacklog } from '../../outbox/forget-backlog.js'
import { replicationQueues } from '../../outbox/replication-queue.js'
import { targetTurn } from '../../replication/targets.js'
import type { Works } from '../../works.js'

/** Its row first, so that nothing is put in line any more; then what waits. What a crash leaves of that goes at the next open. */
export async function removeTarget(works: Works, arn: string): Promise<void> {
  const known = works.replicationTargets.getByArn(arn)
  const { targetId, record } = known
  await commit(works, {
    turns: [targetTurn(targetId)],
    read: async (draft) => {
      const bucket = await findSource(draft, record)
      return {
        target: await draft.get(replicationTargetKey(targetId)),
        rules: bucket && (await works.replicationRules.of(bucket)),
      }
    },
    decide: ({ target, rules }, draft) => {
      if (target === undefined) throw noSuchReplicationTarget(arn)
      if (rules?.some((rule) => rule.arn === arn))
        throw invalidRequest(`A replication rule of "${record.sourceBucket}" names the target.`)
      draft.freesSpace = true
      draft.delete(target.key)
      draft.delete(resyncKey(targetId))
      draft.delete(existingKey(targetId))
    },
  })
  await works.replicationTargets.forget(targetId)
  for (const queue of replicationQueues(targetId)) await forgetBacklog(works, queue)
}
