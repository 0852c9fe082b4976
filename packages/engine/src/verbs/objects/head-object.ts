import { findStretch } from '../../bodies/find-stretch.js'
import type { VersionTarget } from '../../catalog/find.js'
import { getObjectRecord, shownVersionId } from '../../catalog/get-version.js'
import { toObjectInfo } from '../../catalog/object-info.js'
import { tellAccess } from '../../commit/access.js'
import { rulesForReader } from '../../commit/lifecycle-rules.js'
import { statusForReader } from '../../commit/replication-status.js'
import type { Caused } from '../../contract/events.js'
import type { GetOptions, ObjectInfo } from '../../contract/object.js'
import { checkKeyName } from '../../rules/key-name.js'
import { checkReadConditions } from '../../rules/read-conditions.js'
import type { Works } from '../../works.js'

export async function headObject(
  works: Works,
  target: VersionTarget,
  options: GetOptions & Caused,
): Promise<ObjectInfo> {
  options.signal?.throwIfAborted()
  checkKeyName(target.key)
  const found = await getObjectRecord(works.kv, target)
  const { record, bucket } = found
  checkReadConditions(options, record, works.clock.now(), shownVersionId(found))
  await findStretch(works, record, options) // A range that `get` would refuse is refused here too.
  await tellAccess(works, target, found, { name: 's3:ObjectAccessed:Head', origin: options.origin })
  const lifecycle = await rulesForReader(works, target, bucket)
  const status = statusForReader(works, target.key, found)
  // Mostly it is known at once, and a turn of the loop is a good part of what this takes.
  const replicationStatus = status instanceof Promise ? await status : status
  return toObjectInfo(target.key, record, bucket, lifecycle, replicationStatus)
}
