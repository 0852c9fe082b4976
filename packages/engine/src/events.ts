import type { Deliveries } from './background/deliveries/deliveries.js'
import type { Events } from './contract/events.js'
import type { Activity } from './sync/activity.js'
import { deadLetters } from './verbs/events/dead-letters.js'
import { eventsStatus } from './verbs/events/events-status.js'
import { listen } from './verbs/events/listen.js'
import { redrive } from './verbs/events/redrive.js'
import { subscribe } from './verbs/events/subscribe.js'
import { unsubscribe } from './verbs/events/unsubscribe.js'
import type { Works } from './works.js'

/** What an engine gives of its events: a function, and what else can be asked. */
export function eventsHandle(works: Works, activity: Activity, deliveries: Deliveries): Events {
  return Object.assign((options: Parameters<Events>[0]) => subscribe(works, options), {
    listen: (options: Parameters<Events['listen']>[0]) => activity.runBriefly(() => listen(works, options)),
    unsubscribe: (subscriber: string) => activity.runBriefly(() => unsubscribe(works, subscriber)),
    status: (options: Parameters<Events['status']>[0] = {}) =>
      activity.run(options.signal, (signal) =>
        eventsStatus(works, (target) => deliveries.lastErrorOf(target), { signal }),
      ),
    deadLetters: (options: Parameters<Events['deadLetters']>[0] = {}) => deadLetters(works, options),
    redrive: (options: NonNullable<Parameters<Events['redrive']>[0]> = {}) =>
      activity.run(options.signal, (signal) => redrive(works, { ...options, signal })),
  })
}
