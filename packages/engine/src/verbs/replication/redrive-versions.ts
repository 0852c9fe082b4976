import { eventKey, eventsOf } from '../../catalog/keys.js'
import { rowsUnder } from '../../catalog/scan.js'
import { driveAgain } from '../../commit/drive-again.js'
import type { Cancel } from '../../contract/source.js'
import { invalidArgument } from '../../errors.js'
import { replicationQueues } from '../../outbox/replication-queue.js'
import type { Works } from '../../works.js'
import { targetsMeant } from './failures.js'

/** Puts versions that were given up behind those that wait, with all their tries before them again. */
export async function redriveVersions(
  works: Works,
  { arn, id, signal }: { arn?: string; id?: string } & Cancel,
): Promise<number> {
  if (id !== undefined && !/^\d{1,14}$/.test(id)) throw invalidArgument('id', id)
  let count = 0
  for (const { targetId } of targetsMeant(works, arn))
    for (const name of replicationQueues(targetId)) {
      if (id !== undefined) {
        const row = await works.kv.get(eventKey('dead', name, Number(id)))
        if (row !== undefined && (await driveAgain(works, row))) count++
        continue
      }
      for await (const row of rowsUnder(works.kv, eventsOf('dead', name))) {
        signal?.throwIfAborted()
        if (await driveAgain(works, row)) count++
      }
    }
  return count
}
