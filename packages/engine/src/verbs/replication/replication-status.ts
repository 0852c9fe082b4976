import { decodeEvent } from '../../catalog/records/event-record.js'
import type { ReplicationTargetStatus } from '../../contract/replication.js'
import type { Cancel } from '../../contract/source.js'
import { replicationQueues } from '../../outbox/replication-queue.js'
import { toTargetInfo } from '../../replication/target-info.js'
import type { KnownTarget } from '../../replication/targets.js'
import type { Works } from '../../works.js'

/** What is known of a target's work where it is done. */
export type KnownOfWork = Pick<
  ReplicationTargetStatus,
  'isOnline' | 'completed' | 'failed' | 'lagMs' | 'lastError'
>

/** Each target and how far behind it is, by their ARNs. */
export async function replicationStatus(
  works: Works,
  workOf: (target: KnownTarget) => KnownOfWork,
  { bucket, signal }: { bucket?: string } & Cancel,
): Promise<ReplicationTargetStatus[]> {
  const status: ReplicationTargetStatus[] = []
  for (const target of works.replicationTargets.all) {
    signal?.throwIfAborted()
    if (bucket !== undefined && target.record.sourceBucket !== bucket) continue
    status.push(await statusOf(works, target, workOf(target)))
  }
  return status.sort((a, b) => (a.arn < b.arn ? -1 : 1))
}

async function statusOf(
  works: Works,
  { targetId, record }: KnownTarget,
  work: KnownOfWork,
): Promise<ReplicationTargetStatus> {
  const queues = replicationQueues(targetId)
  const backlogs = queues.map((queue) => works.outbox.backlog(queue))
  const oldest = (await Promise.all(queues.map((queue) => oldestIn(works, queue)))).filter(
    (ms) => ms !== undefined,
  )
  return {
    ...toTargetInfo(record),
    waiting: backlogs.reduce((sum, { waiting }) => sum + waiting, 0),
    ...(oldest.length > 0 && { waitingSince: new Date(Math.min(...oldest)) }),
    failures: backlogs.reduce((sum, { deadLetters }) => sum + deadLetters, 0),
    ...work,
  }
}

async function oldestIn({ outbox }: Works, queue: string): Promise<number | undefined> {
  if (outbox.backlog(queue).waiting === 0) return undefined
  const row = await outbox.findOldest(queue)
  return row && decodeEvent(row.value).timeMs
}
