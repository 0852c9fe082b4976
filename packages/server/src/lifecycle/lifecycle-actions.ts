import type { SweepAction } from '@aquifer/engine'
import { z } from 'zod'
import { adminAction } from '../identity/admin-action.js'
import { name } from '../identity/fields.js'

/** What one request of a sweep does at most: an answer comes in good time, and who asks goes on. */
const SWEPT_MAX = 2_000

export const lifecycleActions = {
  'lifecycle/explain': adminAction({
    input: z.strictObject({ bucket: name, key: z.string().min(1).max(1_024) }),
    needs: () => ['admin:ExplainLifecycle'],
    run: ({ engine }, { bucket, key }) => engine.bucket(bucket).explainLifecycle(key),
  }),
  'lifecycle/sweep': adminAction({
    input: z.strictObject({
      now: z.iso.datetime({ offset: true }).optional(),
      dryRun: z.boolean().optional(),
      /** Of a dry run, how many were told already: it finds the same again. */
      skip: z.int().min(0).optional(),
    }),
    needs: () => ['admin:SweepLifecycle'],
    async run({ engine }, { now, dryRun = false, skip = 0 }) {
      const actions: SweepAction[] = []
      let passedOver = 0
      let more = false
      for await (const action of engine.sweep({
        now: now === undefined ? new Date() : new Date(now),
        dryRun,
      })) {
        if (dryRun && passedOver++ < skip) continue
        if (actions.length === SWEPT_MAX) {
          more = true
          break
        }
        actions.push(action)
      }
      if (!dryRun && !more) await engine.reclaim()
      return { actions, more }
    },
  }),
}
