import type { StagedBody } from '../../bodies/stage.js'
import { writeObject } from '../../bodies/write-object.js'
import { commit } from '../../commit/commit.js'
import { type ObjectState, readForChange, turnOf } from '../../commit/object-change.js'
import type { Caused } from '../../contract/events.js'
import type { ObjectInfo } from '../../contract/object.js'
import { EngineError } from '../../errors.js'
import type { Works } from '../../works.js'
import type { Entry } from './fan-out.js'

/** What can be refused before a byte is read. @throws `InvalidRequest`, `TooManyTargets` */
export function checkAtOnce({ kv }: Works, entries: readonly Entry[]): void {
  if (entries.length > kv.limits.commitRows) throw tooManyTargets(entries.length)
  if (new Set(entries.map(({ target }) => turnOf(target))).size === entries.length) return
  const reason = 'A fan-out that is all or nothing names each key once.'
  throw new EngineError('InvalidRequest', reason, { reason })
}

/** One commit for all targets: all of them, or none. */
export async function writeAtOnce(
  works: Works,
  staged: StagedBody,
  entries: readonly Entry[],
  { origin }: Caused,
): Promise<PromiseFulfilledResult<ObjectInfo>[]> {
  const body = staged.toBody()
  const bytes = { staged, ...(body.kind !== 'inline' && { shared: body }) }
  return await commit(works, {
    turns: entries.map(({ target }) => turnOf(target)),
    staged: [staged],
    read: async (draft) => {
      const states: ObjectState[] = []
      for (const { target } of entries) states.push(await readForChange(works, draft, target))
      return states
    },
    decide: (states, draft) => {
      const happening = { name: 's3:ObjectCreated:Post', origin } as const
      const written = states.map((state, at) =>
        writeObject(works, draft, state, bytes, entries[at]!.options, happening),
      )
      if (draft.exceeds(works.kv.limits)) throw tooManyTargets(entries.length)
      return written.map((value) => ({ status: 'fulfilled' as const, value }))
    },
  })
}

function tooManyTargets(targetCount: number): EngineError<'TooManyTargets'> {
  const message = `${targetCount} targets are more than one commit holds: write fewer at once, or without "atomic".`
  return new EngineError('TooManyTargets', message, { targetCount })
}
