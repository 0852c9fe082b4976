import { bringOver } from '../../commit/carry.js'
import { commit } from '../../commit/commit.js'
import { turnOf } from '../../commit/object-change.js'
import type { Works } from '../../works.js'
import { findState, type Lined } from './version-state.js'

/**
 * A version is here again whose removal is still to be told to the target: another store had said something of its locks that was
 * not known here. It is kept, and the target is to have it once more, which may have carried out the removal: that stands in line
 * anew, and the removal is done with. Had a crash come between, it would stand in line twice.
 *
 * @returns `'changed'` where it has gone again.
 */
export function settleReturned(works: Works, lined: Lined): Promise<'settled' | 'changed'> {
  const { target, key } = lined
  const object = { bucket: target.record.sourceBucket, key }
  return commit(works, {
    turns: [turnOf(object)],
    read: (draft) => findState(works, lined, draft),
    decide: (found, draft) => {
      if (found?.version === undefined) return 'changed'
      const { bucket, version, state: known } = found
      const changed = { target: object, bucket, nowMs: works.clock.now() }
      bringOver(draft, changed, { version: version.record, known }, target)
      return 'settled'
    },
  })
}
