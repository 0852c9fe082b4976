import type { Draft } from '../../catalog/draft.js'
import { replicationTargetKey } from '../../catalog/keys.js'
import type { BucketRecord } from '../../catalog/records/bucket-record.js'
import {
  encodeReplicationTarget,
  type ReplicationTargetRecord,
} from '../../catalog/records/replication-target-record.js'
import { commit } from '../../commit/commit.js'
import type {
  RemoteBucket,
  ReplicationTarget,
  ReplicationTargetFacts,
  ReplicationTargetInfo,
} from '../../contract/replication.js'
import { invalidRequest, replicationTargetRefused } from '../../errors.js'
import type { Awaitable } from '../../kv/kv.js'
import { probeTarget } from '../../replication/probe-target.js'
import { toTargetInfo } from '../../replication/target-info.js'
import type { Works } from '../../works.js'

interface Established<T> {
  readonly targetId: Uint8Array
  readonly arn: string
  readonly remote: RemoteBucket
  /** The bucket that would be carried over. */
  readonly source: BucketRecord
  readonly turn: string
  readonly read: (draft: Draft) => Awaitable<T>
  /** The row, but for its secret, by what was found there and here. Throws where there is to be none. */
  readonly decide: (facts: ReplicationTargetFacts, found: T) => Omit<ReplicationTargetRecord, 'sealedSecret'>
  readonly signal: AbortSignal | undefined
}

/**
 * A target as it is to be from now on: called first, then its row, with its secret sealed, then known. What it is reached by is closed
 * where any of that fails. A crash between leaves all as it was.
 */
export async function establishTarget<T>(
  works: Works,
  { targetId, arn, remote, source, turn, read, decide, signal }: Established<T>,
): Promise<ReplicationTargetInfo> {
  const connection = connectTo(works, arn, remote)
  try {
    const facts = await probeTarget(works, arn, connection, source, signal)
    const { accessKeyId, secretAccessKey } = remote
    const record = await commit(works, {
      turns: [turn],
      read: async (draft) => ({ found: await read(draft), sealing: await works.sealing.read(draft) }),
      decide: ({ found, sealing }, draft): ReplicationTargetRecord => {
        const wanted = decide(facts, found)
        const sealedSecret = sealing.use(draft).seal({ targetArn: arn, accessKeyId }, { secretAccessKey })
        const record = { ...wanted, sealedSecret }
        draft.put(replicationTargetKey(targetId), encodeReplicationTarget(record))
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

/** @throws {@link EngineError} `InvalidRequest`, `ReplicationTargetRefused` */
function connectTo(works: Works, arn: string, remote: RemoteBucket): ReplicationTarget {
  const { connect } = works.replicationTargets
  if (connect === undefined)
    throw invalidRequest(
      'The engine was opened without connectReplicationTarget: it can reach no other bucket.',
    )
  if (!works.sealing.hasKey)
    throw invalidRequest('The engine was opened without a sealing key: it can keep no secret of a target.')
  try {
    return connect(remote)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw replicationTargetRefused(arn, 'InvalidEndpoint', message, error)
  }
}
