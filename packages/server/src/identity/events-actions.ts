import type { Events } from '@aquifer/engine'
import { S3Error } from '@aquifer/http-adapter'
import { z } from 'zod'
import { type Administered, adminAction } from './admin-action.js'
import { withoutUndefined } from './fields.js'

/** Dead letters that one answer lists. */
const LISTED_MAX = 1_000

const target = z.string().min(1).max(256).optional()
const id = z
  .string()
  .regex(/^\d{1,14}$/)
  .optional()

export const eventsActions = {
  'events/status': adminAction({
    input: z.strictObject({}),
    needs: () => ['admin:ServerInfo'],
    run: async (administered) => ({ targets: await eventsOf(administered).status() }),
  }),
  'events/dead-letters': adminAction({
    input: z.strictObject({ target }),
    needs: () => ['admin:ServerInfo'],
    async run(administered, options) {
      const entries = []
      for await (const letter of eventsOf(administered).deadLetters(withoutUndefined(options))) {
        if (entries.length === LISTED_MAX) return { entries, isTruncated: true }
        entries.push(letter)
      }
      return { entries, isTruncated: false }
    },
  }),
  'events/redrive': adminAction({
    input: z.strictObject({ target, id }),
    needs: () => ['admin:ConfigUpdate'],
    run: async (administered, options) => ({
      redriven: await eventsOf(administered).redrive(withoutUndefined(options)),
    }),
  }),
  'events/unsubscribe': adminAction({
    input: z.strictObject({ subscriber: z.string().min(1).max(128) }),
    needs: () => ['admin:ConfigUpdate'],
    async run(administered, { subscriber }) {
      await eventsOf(administered).unsubscribe(subscriber)
      return { unsubscribed: subscriber }
    },
  }),
}

function eventsOf({ engine }: Administered): Events {
  if (engine.events !== undefined) return engine.events
  throw new S3Error('NotImplemented', 'Events are administered in the thread that has the store.')
}
