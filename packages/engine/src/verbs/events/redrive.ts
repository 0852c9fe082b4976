import { allEvents, eventKey, eventNumberOf, eventsOf, eventTargetOf } from '../../catalog/keys.js'
import { decodeEvent, encodeEvent } from '../../catalog/records/event-record.js'
import { rowsUnder } from '../../catalog/scan.js'
import { commit } from '../../commit/commit.js'
import type { Cancel } from '../../contract/source.js'
import { invalidArgument } from '../../errors.js'
import type { Row } from '../../kv/kv.js'
import type { Works } from '../../works.js'

/** Puts events that were given up behind those that wait, with all their tries before them again. */
export async function redrive(
  works: Works,
  { target, id, signal }: { target?: string; id?: string } & Cancel,
): Promise<number> {
  if (id !== undefined && target === undefined) throw invalidArgument('target', '')
  if (id !== undefined && !/^\d{1,14}$/.test(id)) throw invalidArgument('id', id)
  if (target !== undefined && id !== undefined) {
    const row = await works.kv.get(eventKey('dead', target, Number(id)))
    return row !== undefined && (await driveAgain(works, row)) ? 1 : 0
  }
  let count = 0
  const family = target === undefined ? allEvents('dead') : eventsOf('dead', target)
  for await (const row of rowsUnder(works.kv, family)) {
    signal?.throwIfAborted()
    if (await driveAgain(works, row)) count++
  }
  return count
}

async function driveAgain(works: Works, row: Row): Promise<boolean> {
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
