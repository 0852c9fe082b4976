import pLimit from 'p-limit'
import type { StagedBody } from '../../bodies/stage.js'
import { writeObject } from '../../bodies/write-object.js'
import { commit } from '../../commit/commit.js'
import { holdForFanOut } from '../../commit/fan-out-hold.js'
import { readForChange, turnOf } from '../../commit/object-change.js'
import type { Caused } from '../../contract/events.js'
import type { ObjectInfo } from '../../contract/object.js'
import type { Cancel } from '../../contract/source.js'
import { limits } from '../../limits.js'
import type { Works } from '../../works.js'
import type { Entry } from './fan-out.js'

/** A commit for each target. They share groups, and so syncs; where keys repeat they wait for each other's turn. */
export async function writeEach(
  works: Works,
  staged: StagedBody,
  entries: readonly Entry[],
  { signal, origin }: Cancel & Caused,
): Promise<PromiseSettledResult<ObjectInfo>[]> {
  const body = staged.toBody()
  using hold = body.kind === 'inline' ? undefined : await holdForFanOut(works, staged, body)
  const bytes = { staged, ...(hold && { shared: hold.body }) }
  const happening = { name: 's3:ObjectCreated:Post', origin } as const
  const limit = pLimit(limits.fanOutConcurrency)
  return await Promise.allSettled(
    entries.map(({ target, options }) =>
      limit(() => {
        signal?.throwIfAborted()
        return commit(works, {
          turns: [turnOf(target)],
          read: async (draft) => {
            await hold?.check(draft)
            return readForChange(works, draft, target)
          },
          decide: (state, draft) => writeObject(works, draft, state, bytes, options, happening),
        })
      }),
    ),
  )
}
