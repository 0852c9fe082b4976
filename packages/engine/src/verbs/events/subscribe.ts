import { getBucket } from '../../catalog/find.js'
import { subscriptionKey } from '../../catalog/keys.js'
import { encodeSubscription, type SubscriptionRecord } from '../../catalog/records/subscription-record.js'
import { commit } from '../../commit/commit.js'
import type { EngineEvent, SubscribeOptions } from '../../contract/events.js'
import { EngineError, limitExceeded } from '../../errors.js'
import { limits } from '../../limits.js'
import { subscriberTarget } from '../../outbox/outbox.js'
import { checkFilter } from '../../rules/events/check-notification.js'
import { allEventNames } from '../../rules/events/event-names.js'
import { checkSubscriber } from '../../rules/events/subscriber-name.js'
import type { Works } from '../../works.js'
import { readBacklog } from './read-backlog.js'

/** Events for whoever goes by this name, from now on and across restarts. */
export async function* subscribe(works: Works, options: SubscribeOptions): AsyncGenerator<EngineEvent> {
  const { subscriber, signal } = options
  signal?.throwIfAborted()
  checkSubscriber(subscriber)
  const { listening } = works.outbox
  if (listening.has(subscriber)) throw alreadyListening(subscriber)
  listening.add(subscriber)
  try {
    await register(works, subscriber, toRecord(options))
    yield* readBacklog(works, subscriberTarget(subscriber), subscriber, signal)
  } finally {
    listening.delete(subscriber)
  }
}

function toRecord({ names, prefix, suffix, bucket, ...bounds }: SubscribeOptions): SubscriptionRecord {
  const filter = {
    names: names ?? allEventNames,
    ...(prefix === undefined ? {} : { prefix }),
    ...(suffix === undefined ? {} : { suffix }),
  }
  checkFilter(filter)
  const { backlogMax = limits.subscriberBacklogMaxDefault, whenFull = 'drop' } = bounds
  if (!Number.isSafeInteger(backlogMax) || backlogMax < 1)
    throw new RangeError('backlogMax is a whole number of events, at least 1.')
  return { filter, ...(bucket === undefined ? {} : { bucket }), backlogMax, whenFull }
}

/** Written down first: what is told of from then on is told of after a crash as well. */
async function register(works: Works, subscriber: string, record: SubscriptionRecord): Promise<void> {
  const key = subscriptionKey(subscriber)
  const value = encodeSubscription(record)
  if (record.bucket !== undefined) await getBucket(works.kv, record.bucket)
  await commit(works, {
    turns: [`subscriber ${subscriber}`],
    read: (draft) => draft.get(key),
    decide: (row, draft) => {
      if (row !== undefined && Buffer.compare(row.value, value) === 0) return
      if (row === undefined && works.outbox.subscriptionCount >= limits.subscriptionsMax)
        throw limitExceeded('subscribers', limits.subscriptionsMax)
      draft.put(key, value)
    },
  })
  works.outbox.remember(subscriber, record)
}

export const alreadyListening = (subscriber: string): EngineError<'InvalidRequest'> => {
  const reason = `Somebody is listening as "${subscriber}" already.`
  return new EngineError('InvalidRequest', reason, { reason })
}
