import { getBucket } from '../../catalog/find.js'
import { replicationTargetKey } from '../../catalog/keys.js'
import { decodeReplicationTarget } from '../../catalog/records/replication-target-record.js'
import type { Replication, ReplicationTargetInfo } from '../../contract/replication.js'
import type { Cancel } from '../../contract/source.js'
import { noSuchReplicationTarget, replicationTargetRefused } from '../../errors.js'
import { checkTarget } from '../../replication/check-target.js'
import { targetTurn } from '../../replication/targets.js'
import type { Works } from '../../works.js'
import { establishTarget } from './establish-target.js'

/** What is under way is begun anew by what it is reached by from then on. */
export async function updateTarget(
  works: Works,
  arn: string,
  change: Parameters<Replication['updateTarget']>[1],
  { signal }: Cancel,
): Promise<ReplicationTargetInfo> {
  checkTarget(change)
  const { targetId } = works.replicationTargets.getByArn(arn)
  // One change begins with what the one before has left: a key that it was given is not lost to another that gives none.
  using _turn = await works.turns.acquire([`${targetTurn(targetId)} changes`])
  const known = works.replicationTargets.getByArn(arn)
  const { secretAccessKey: given, ...facts } = change
  const wanted = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
  const { sealedSecret, accessKeyId, endpoint, bucket, region, addressing } = { ...known.record, ...wanted }
  const { secretAccessKey } =
    given === undefined
      ? await works.sealing.unseal({ targetArn: arn, accessKeyId: known.record.accessKeyId }, sealedSecret)
      : { secretAccessKey: given }
  const remote = { endpoint, bucket, region, accessKeyId, secretAccessKey, addressing }
  const source = await getBucket(works.kv, known.record.sourceBucket)
  return await establishTarget(works, {
    ...{ targetId, arn, remote, source, signal },
    turn: targetTurn(targetId),
    read: (draft) => draft.get(replicationTargetKey(targetId)),
    decide({ keepsVersionIds }, row) {
      if (row === undefined) throw noSuchReplicationTarget(arn)
      const before = decodeReplicationTarget(row.value, `replication target "${arn}"`)
      if (keepsVersionIds !== before.keepsVersionIds) throw otherKind(arn, keepsVersionIds)
      return { ...before, ...wanted, accessKeyId }
    },
  })
}

/** What waits stands in its queues by what it was: it would be carried over out of order, or not at all. */
function otherKind(arn: string, keepsVersionIds: boolean) {
  const message = keepsVersionIds
    ? 'What answers there keeps version ids, which the target did not: make it another target.'
    : 'What answers there does not keep version ids, which the target did: make it another target.'
  return replicationTargetRefused(arn, 'Refused', message)
}
