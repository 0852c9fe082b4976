import { subscriptionKey } from '../../catalog/keys.js'
import { commit } from '../../commit/commit.js'
import { forgetBacklog } from '../../outbox/forget-backlog.js'
import { subscriberTarget } from '../../outbox/outbox.js'
import { checkSubscriber } from '../../rules/events/subscriber-name.js'
import type { Works } from '../../works.js'
import { alreadyListening } from './subscribe.js'

/** First the name, so that no commit writes for it any more; then what waits. A crash between leaves rows that status shows. */
export async function unsubscribe(works: Works, subscriber: string): Promise<void> {
  checkSubscriber(subscriber)
  const { listening } = works.outbox
  if (listening.has(subscriber)) throw alreadyListening(subscriber)
  listening.add(subscriber)
  try {
    await commit(works, {
      turns: [`subscriber ${subscriber}`],
      read: (draft) => draft.get(subscriptionKey(subscriber)),
      decide: (row, draft) => {
        draft.freesSpace = true
        if (row !== undefined) draft.delete(row.key)
      },
    })
    const target = subscriberTarget(subscriber)
    works.outbox.unsubscribe(target)
    await forgetBacklog(works, target)
  } finally {
    listening.delete(subscriber)
  }
}
