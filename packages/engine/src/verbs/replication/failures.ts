import { eventNumberOf, eventsOf } from '../../catalog/keys.js'
import { rowsUnder } from '../../catalog/scan.js'
import type { ReplicationFailure } from '../../contract/replication.js'
import type { Cancel } from '../../contract/source.js'
import { replicationQueues } from '../../outbox/replication-queue.js'
import { readEvent } from '../../outbox/to-event.js'
import type { KnownTarget } from '../../replication/targets.js'
import type { Works } from '../../works.js'

/** The versions that were given up, those of each queue oldest first. */
export async function* failures(
  works: Works,
  { arn, signal }: { arn?: string } & Cancel,
): AsyncGenerator<ReplicationFailure> {
  for (const { targetId, record } of targetsMeant(works, arn))
    for (const queue of replicationQueues(targetId))
      for await (const row of rowsUnder(works.kv, eventsOf('dead', queue))) {
        signal?.throwIfAborted()
        const { event, record: kept } = readEvent(row)
        const { bucket, key, versionId = '' } = event
        const { count = 0, error = '' } = kept.attempts ?? {}
        const id = String(eventNumberOf(row.key))
        yield { arn: record.arn, id, bucket, key, versionId, attempts: count, error }
      }
}

/** @throws {@link EngineError} `NoSuchReplicationTarget` */
export function targetsMeant(works: Works, arn: string | undefined): readonly KnownTarget[] {
  return arn === undefined ? [...works.replicationTargets.all] : [works.replicationTargets.getByArn(arn)]
}
