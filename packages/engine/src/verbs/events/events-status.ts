import type { EventGap, EventTargetStatus } from '../../contract/events.js'
import type { Cancel } from '../../contract/source.js'
import { gapsTurn, readGaps } from '../../outbox/gaps.js'
import { isListener, isSubscriber, nameOfTarget } from '../../outbox/outbox.js'
import { isReplicationQueue } from '../../outbox/replication-queue.js'
import type { Works } from '../../works.js'

/** How each target is, by name. */
export async function eventsStatus(
  works: Works,
  lastErrorOf: (target: string) => EventTargetStatus['lastError'],
  { signal }: Cancel,
): Promise<EventTargetStatus[]> {
  const status: EventTargetStatus[] = []
  for (const { target, waiting, deadLetters, bounds, gapRows } of works.outbox.backlogs) {
    signal?.throwIfAborted()
    if (isReplicationQueue(target)) continue
    const gaps = gapRows === 0 ? [] : await gapsOf(works, target)
    const lastError = lastErrorOf(target)
    status.push({
      name: nameOfTarget(target),
      kind: isListener(target) ? 'listener' : isSubscriber(target) ? 'subscriber' : 'target',
      isConfigured: works.outbox.isAsked(target),
      ...{ waiting, deadLetters, ...bounds },
      gaps,
      ...(lastError && { lastError }),
    })
  }
  return status.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function gapsOf(works: Works, target: string): Promise<EventGap[]> {
  using _turn = await works.turns.acquire(gapsTurn(target))
  const gaps = await readGaps(works.kv, target)
  return gaps.map(({ whole: { fromMs, toMs, count } }) => ({
    from: new Date(fromMs),
    to: new Date(toMs),
    count,
  }))
}
