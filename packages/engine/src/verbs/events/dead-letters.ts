import { allEvents, eventNumberOf, eventsOf, eventTargetOf } from '../../catalog/keys.js'
import { rowsUnder } from '../../catalog/scan.js'
import type { DeadLetter } from '../../contract/events.js'
import type { Cancel } from '../../contract/source.js'
import { isReplicationQueue } from '../../outbox/replication-queue.js'
import { readEvent } from '../../outbox/to-event.js'
import type { Works } from '../../works.js'

/** The events that were given up, those of each target oldest first. */
export async function* deadLetters(
  works: Works,
  { target, signal }: { target?: string } & Cancel,
): AsyncGenerator<DeadLetter> {
  const family = target === undefined ? allEvents('dead') : eventsOf('dead', target)
  for await (const row of rowsUnder(works.kv, family)) {
    signal?.throwIfAborted()
    if (target === undefined && isReplicationQueue(eventTargetOf(row.key))) continue
    const { event, record } = readEvent(row)
    const { count = 0, error = '' } = record.attempts ?? {}
    const id = String(eventNumberOf(row.key))
    yield { target: eventTargetOf(row.key), id, event, attempts: count, error }
  }
}
