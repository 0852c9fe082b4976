import { type FoundObject, getBucket, type ObjectTarget } from '../catalog/find.js'
import { addEvent, type Happening, originOf } from '../outbox/add-event.js'
import { targetsOf } from '../rules/events/event-rules.js'
import type { Works } from '../works.js'
import { commit } from './commit.js'

/**
 * Writes down that an object was read, where anybody asks for that: a commit of its own, which the reader waits for. For
 * all others it costs nothing, and there is nothing to wait for.
 */
export function tellAccess(
  works: Works,
  target: ObjectTarget,
  { bucket, record }: FoundObject,
  { name, origin }: Happening,
): Promise<void> | undefined {
  if (origin === false) return undefined
  if (bucket.notification === undefined && works.outbox.subscriptionRules === undefined) return undefined
  return tell(works, target, { name: originOf(origin).name ?? name, record, origin })
}

async function tell(works: Works, target: ObjectTarget, happening: Happening): Promise<void> {
  const rules = await works.outbox.rulesOf(await getBucket(works.kv, target.bucket))
  const { bucket, key } = target
  if (rules === undefined || targetsOf(rules, { name: happening.name, bucket, key }).size === 0) return
  await commit(works, {
    turns: [],
    read: async (draft) => {
      const record = await getBucket(draft, target.bucket)
      return { target, bucket: record, rules: await works.outbox.rulesOf(record), nowMs: works.clock.now() }
    },
    decide: (state, draft) => addEvent(works, draft, state, happening),
  })
}
