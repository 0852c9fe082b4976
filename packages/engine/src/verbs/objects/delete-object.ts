import type { ObjectTarget } from '../../catalog/find.js'
import { changeObject, removeObject } from '../../commit/object-change.js'
import type { Deleted, DeleteOptions } from '../../contract/object.js'
import { checkKeyName } from '../../rules/key-name.js'
import { checkDeleteConditions } from '../../rules/write-conditions.js'
import type { Works } from '../../works.js'

/** Deleting what is not there is no error, unless a condition asks for it to be there. */
export async function deleteObject(
  works: Works,
  target: ObjectTarget,
  options: DeleteOptions,
): Promise<Deleted> {
  options.signal?.throwIfAborted()
  checkKeyName(target.key)
  return changeObject(works, target, [], (state, draft) => {
    checkDeleteConditions(options, state.current?.record, target)
    removeObject(draft, state)
    return { key: target.key }
  })
}
