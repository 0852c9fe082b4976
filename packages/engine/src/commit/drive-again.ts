import { eventNumberOf, eventTargetOf } from '../catalog/keys.js'
import { decodeEvent, encodeEvent } from '../catalog/records/event-record.js'
import type { Row } from '../kv/kv.js'
import type { Works } from '../works.js'
import { commit } from './commit.js'

/** Puts an event that was given up behind those that wait, with all its tries before it again. False where it has gone. */
export async function driveAgain(works: Works, row: Row): Promise<boolean> {
  const target = eventTargetOf(row.key)
  const isDriven = await commit(works, {
    turns: [`dead letter ${target} ${eventNumberOf(row.key)}`],
    read: (draft) => draft.get(row.key),
    decide: (found, draft) => {
      if (found === undefined) return false
      draft.freesSpace = true
      draft.delete(found.key)
      const record = decodeEvent(found.value)
      const revision = record.attempts?.revision ?? found.revision
      const attempts = { count: 0, firstMs: works.clock.now(), revision, error: '' }
      draft.addEvent({ family: 'waiting', target, value: encodeEvent({ ...record, attempts }) })
      return true
    },
  })
  if (isDriven) works.outbox.backlog(target).deadLetters--
  return isDriven
}
