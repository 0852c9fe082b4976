import { getBucket } from '../../catalog/find.js'
import type { EngineEvent, ListenOptions } from '../../contract/events.js'
import { limitExceeded } from '../../errors.js'
import { limits } from '../../limits.js'
import { listenerTarget } from '../../outbox/outbox.js'
import { checkFilter } from '../../rules/events/check-notification.js'
import { toEventRule } from '../../rules/events/event-rules.js'
import type { Works } from '../../works.js'
import { forgetEvents } from './forget-events.js'
import { readBacklog } from './read-backlog.js'

/** Events for whoever is there: what was not read at the end is forgotten. */
export async function* listen(works: Works, options: ListenOptions): AsyncGenerator<EngineEvent> {
  const { bucket, signal } = options
  signal?.throwIfAborted()
  checkFilter(options)
  if (bucket !== undefined) await getBucket(works.kv, bucket)
  if (works.outbox.subscriptionCount >= limits.subscriptionsMax)
    throw limitExceeded('listeners', limits.subscriptionsMax)
  const target = listenerTarget(Buffer.from(works.ids.next()).toString('hex'))
  works.outbox.rememberListener(toEventRule(target, options, bucket))
  try {
    yield* readBacklog(works, target, 'a listener', signal)
  } finally {
    works.outbox.unsubscribe(target)
    if (!works.outbox.closed.aborted) await forgetEvents(works, target)
  }
}
