import { getBucket } from '../../catalog/find.js'
import { replicationTargetKey } from '../../catalog/keys.js'
import {
  decodeReplicationTarget,
  encodeReplicationTarget,
  type ReplicationTargetRecord,
} from '../../catalog/records/replication-target-record.js'
import { commit } from '../../commit/commit.js'
import type { Replication, ReplicationTargetInfo } from '../../contract/replication.js'
import type { Cancel } from '../../contract/source.js'
import { noSuchReplicationTarget, replicationTargetRefused } from '../../errors.js'
import { checkTarget } from '../../replication/check-target.js'
import { probeTarget } from '../../replication/probe-target.js'
import { toTargetInfo } from '../../replication/target-info.js'
import { targetTurn } from '../../replication/targets.js'
import type { Works } from '../../works.js'
import { connectTo } from './add-target.js'

/** Called first, as it will be; then its row. What is under way is begun anew by what it is reached by from then on. */
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
  const connection = connectTo(works, arn, remote)
  try {
    const source = await getBucket(works.kv, known.record.sourceBucket)
    const { keepsVersionIds } = await probeTarget(works, arn, connection, source, signal)
    if (keepsVersionIds !== known.record.keepsVersionIds) throw otherKind(arn, keepsVersionIds)
    const record = await commit(works, {
      turns: [targetTurn(targetId)],
      read: async (draft) => ({
        row: await draft.get(replicationTargetKey(targetId)),
        sealing: await works.sealing.read(draft),
      }),
      decide: ({ row, sealing }, draft): ReplicationTargetRecord => {
        if (row === undefined) throw noSuchReplicationTarget(arn)
        const record: ReplicationTargetRecord = {
          ...decodeReplicationTarget(row.value, `replication target "${arn}"`),
          ...wanted,
          accessKeyId,
          sealedSecret: sealing.use(draft).seal({ targetArn: arn, accessKeyId }, { secretAccessKey }),
        }
        draft.put(row.key, encodeReplicationTarget(record))
        return record
      },
    })
    await works.replicationTargets.remember({ targetId, record, connection })
    return toTargetInfo(record)
  } catch (error) {
    await connection.close?.()
    throw error
  }
}

/** What waits stands in its queues by what it was: it would be carried over out of order, or not at all. */
function otherKind(arn: string, keepsVersionIds: boolean) {
  const message = keepsVersionIds
    ? 'What answers there keeps version ids, which the target did not: make it another target.'
    : 'What answers there does not keep version ids, which the target did: make it another target.'
  return replicationTargetRefused(arn, 'Refused', message)
}
