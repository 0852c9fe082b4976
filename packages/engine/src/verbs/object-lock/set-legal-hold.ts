import type { VersionTarget } from '../../catalog/find.js'
import { changeFacts } from '../../commit/facts-change.js'
import type { Caused } from '../../contract/events.js'
import type { ObjectInfo } from '../../contract/object.js'
import type { Cancel } from '../../contract/source.js'
import { checkKeyName } from '../../rules/key-name.js'
import { checkLockEnabled } from '../../rules/object-lock.js'
import type { Works } from '../../works.js'

export async function setLegalHold(
  works: Works,
  target: VersionTarget,
  on: boolean,
  { signal, origin }: Cancel & Caused,
): Promise<ObjectInfo> {
  signal?.throwIfAborted()
  checkKeyName(target.key)
  return changeFacts(
    works,
    target,
    'legalHold',
    (record, { bucket }) => {
      checkLockEnabled(bucket)
      return { ...record, legalHold: on }
    },
    { name: 's3:ObjectCreated:PutLegalHold', origin },
  )
}
