import { Buffer } from 'node:buffer'
import { getBucket } from '../../catalog/find.js'
import { documentKey, indexingKey } from '../../catalog/keys.js'
import { encodeBucket } from '../../catalog/records/bucket-record.js'
import { encodeIndexing } from '../../catalog/records/indexing-record.js'
import { decodeLifecycle, encodeLifecycle } from '../../catalog/records/lifecycle-document.js'
import { changeBucket } from '../../commit/bucket-change.js'
import { LIFECYCLE } from '../../commit/lifecycle-rules.js'
import type { LifecycleConfiguration } from '../../contract/lifecycle.js'
import { busy } from '../../errors.js'
import { limits } from '../../limits.js'
import { checkLifecycle } from '../../rules/lifecycle/check-lifecycle.js'
import type { Kind } from './kind.js'

/**
 * A document of its own, since rules may be long, and an id of it in the bucket's record: every write rests on that, and
 * puts down by these rules when its key is to be looked at. What was there before is looked at in the background.
 */
export const lifecycle: Kind<LifecycleConfiguration> = {
  async get({ kv }, bucket) {
    for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
      const { bucketId, lifecycleId } = await getBucket(kv, bucket)
      if (lifecycleId === undefined) return undefined
      const row = await kv.get(documentKey(bucketId, LIFECYCLE))
      const payload = row && (await kv.readPayload(row.key, row.revision))
      if (row === undefined || payload === undefined || payload === 'changed') continue
      const stored = decodeLifecycle(row.value, payload, `lifecycle of "${bucket}"`)
      const { updatedMs, rules, transitionMinimum } = stored
      return { updated: new Date(updatedMs), rules, ...(transitionMinimum && { transitionMinimum }) }
    }
    throw busy({ bucket, key: '' })
  },
  async set(works, bucket, value) {
    const lifecycleId = works.ids.next()
    const ids = value?.rules.map(({ id = '' }) => (id === '' ? newRuleId(works.ids.next()) : id)) ?? []
    await changeBucket(works, bucket, ({ row, record }, draft) => {
      const { lifecycleId: before, ...rest } = record
      const [document, indexing] = [documentKey(record.bucketId, LIFECYCLE), indexingKey(record.bucketId)]
      if (value === undefined) {
        if (before === undefined) return
        draft.put(row.key, encodeBucket(rest))
        draft.delete(document)
        draft.delete(indexing)
        return
      }
      checkLifecycle(value.rules, record)
      draft.put(row.key, encodeBucket({ ...rest, lifecycleId }))
      const rules = value.rules.map((rule, at) => ({ ...rule, id: ids[at]! }))
      const stored = encodeLifecycle({
        lifecycleId: Buffer.from(lifecycleId).toString('hex'),
        updatedMs: works.clock.now(),
        rules,
        ...(value.transitionMinimum && { transitionMinimum: value.transitionMinimum }),
      })
      draft.put(document, stored.value, stored.payload)
      const begun = { lifecycleId, bucket, family: 'objects', keys: 0, after: new Uint8Array(0) } as const
      draft.put(indexing, encodeIndexing(begun))
      draft.nextLookMs = 0
    })
  },
}

/** As S3 does for a rule that has none. */
const newRuleId = (id: Uint8Array): string => Buffer.from(id).toString('base64url')
