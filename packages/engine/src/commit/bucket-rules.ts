import type { BucketRecord } from '../catalog/records/bucket-record.js'
import type { Awaitable } from '../kv/kv.js'
import type { EventRules } from '../rules/events/event-rules.js'
import type { ActiveRules } from '../rules/lifecycle/active-rules.js'
import type { RuledTarget } from '../rules/replication/choose-rules.js'
import type { Works } from '../works.js'

/** What a bucket wants done with every change in it. */
export interface BucketRules {
  /** Who is to be told, where anybody is. */
  readonly rules?: EventRules | undefined
  /** The bucket's lifecycle rules, if it has any. */
  readonly lifecycle?: ActiveRules | undefined
  /** Where its versions are carried over to, if it has replication rules. */
  readonly replication?: readonly RuledTarget[] | undefined
}

/** At once where they are known, or there are none. */
export function rulesOfBucket(
  { outbox, lifecycleRules, replicationRules }: Pick<Works, 'outbox' | 'lifecycleRules' | 'replicationRules'>,
  bucket: BucketRecord,
): Awaitable<BucketRules> {
  const rules = outbox.rulesOf(bucket)
  const lifecycle = lifecycleRules.of(bucket)
  const replication = replicationRules.of(bucket)
  if (!(rules instanceof Promise) && !(lifecycle instanceof Promise) && !(replication instanceof Promise))
    return { rules, lifecycle, replication }
  return Promise.all([rules, lifecycle, replication]).then(([rules, lifecycle, replication]) => ({
    rules,
    lifecycle,
    replication,
  }))
}
