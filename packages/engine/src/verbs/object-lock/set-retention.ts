import type { VersionTarget } from '../../catalog/find.js'
import { changeFacts } from '../../commit/facts-change.js'
import type { Caused } from '../../contract/events.js'
import type { ObjectInfo } from '../../contract/object.js'
import type { Retention } from '../../contract/object-lock.js'
import type { Cancel } from '../../contract/source.js'
import { lockedVersion } from '../../errors.js'
import { checkKeyName } from '../../rules/key-name.js'
import { checkLockEnabled, lockedUntil, mayRetain } from '../../rules/object-lock.js'
import type { Works } from '../../works.js'

export async function setRetention(
  works: Works,
  target: VersionTarget,
  retention: Retention | undefined,
  { bypassGovernance = false, signal, origin }: { bypassGovernance?: boolean } & Cancel & Caused,
): Promise<ObjectInfo> {
  signal?.throwIfAborted()
  checkKeyName(target.key)
  return changeFacts(
    works,
    target,
    'retention',
    ({ retention: current, ...rest }, { bucket, nowMs }) => {
      checkLockEnabled(bucket)
      const wanted = retention === undefined ? undefined : lockedUntil(retention, nowMs)
      if (!mayRetain(current, wanted, works.lockTime.nowMs(), bypassGovernance)) throw lockedVersion(target)
      return wanted === undefined ? rest : { ...rest, retention: wanted }
    },
    { name: 's3:ObjectCreated:PutRetention', origin },
  )
}
