import { allEvents, eventKey, eventsOf, eventTargetOf } from '../../catalog/keys.js'
import { rowsUnder } from '../../catalog/scan.js'
import { driveAgain } from '../../commit/drive-again.js'
import type { Cancel } from '../../contract/source.js'
import { invalidArgument } from '../../errors.js'
import { isReplicationQueue } from '../../outbox/replication-queue.js'
import type { Works } from '../../works.js'

/** Puts events that were given up behind those that wait, with all their tries before them again. */
export async function redrive(
  works: Works,
  { target, id, signal }: { target?: string; id?: string } & Cancel,
): Promise<number> {
  if (id !== undefined && target === undefined) throw invalidArgument('target', '')
  if (id !== undefined && !/^\d{1,14}$/.test(id)) throw invalidArgument('id', id)
  if (target !== undefined && id !== undefined) {
    const row = await works.kv.get(eventKey('dead', target, Number(id)))
    return row !== undefined && (await driveAgain(works, row)) ? 1 : 0
  }
  let count = 0
  const family = target === undefined ? allEvents('dead') : eventsOf('dead', target)
  for await (const row of rowsUnder(works.kv, family)) {
    signal?.throwIfAborted()
    if (target === undefined && isReplicationQueue(eventTargetOf(row.key))) continue
    if (await driveAgain(works, row)) count++
  }
  return count
}
