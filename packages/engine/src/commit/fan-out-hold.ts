import type { Draft } from '../catalog/draft.js'
import { keptBodyKey, referenceKey } from '../catalog/keys.js'
import type { Body } from '../catalog/records/body.js'
import { encodeOwned, ownedBy } from '../catalog/records/deferred-record.js'
import { EngineError } from '../errors.js'
import type { Works } from '../works.js'
import { commit, type Staged } from './commit.js'
import { referToBody } from './references.js'

/** A body in blobs that is held by an id of the fan-out's own while its targets are written, one commit each. */
export interface FanOutHold extends Disposable {
  readonly body: Exclude<Body, { kind: 'inline' }>
  /** Lets a target's change rest on the hold: it can name the body only while the hold is there. */
  check(draft: Draft): Promise<void>
}

/**
 * The first commit of a fan-out over a large body. From then on the bytes are settled, held by a reference; the work that
 * takes the reference back is written down with it, and waits only as long as this process holds the fan-out's id. So a
 * crash at any moment leaves the targets that were written, and nothing else once reclaim has passed.
 */
export async function holdForFanOut(
  works: Works,
  staged: Staged,
  body: FanOutHold['body'],
): Promise<FanOutHold> {
  const fanOutId = works.ids.next()
  const release = works.pins.hold(fanOutId)
  const reference = referenceKey(body.bodyId, fanOutId)
  try {
    await commit(works, {
      turns: [],
      staged: [staged],
      read: () => undefined,
      decide: (_, draft) => {
        draft.put(keptBodyKey(body.bodyId), encodeOwned(ownedBy(body)!))
        referToBody(draft, body.bodyId, fanOutId)
        draft.defer(works.clock.now(), fanOutId, { kind: 'fan-out', bodyId: body.bodyId, fanOutId })
      },
    })
  } catch (error) {
    release()
    throw error
  }
  return {
    body,
    async check(draft) {
      if ((await draft.get(reference)) === undefined)
        throw new EngineError('OperationAborted', 'The bytes of this fan-out are no longer held.', {})
    },
    [Symbol.dispose]: release,
  }
}
