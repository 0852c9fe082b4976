import { openRecord } from '../../bodies/open-record.js'
import type { VersionTarget } from '../../catalog/find.js'
import { getObjectRecord, shownVersionId } from '../../catalog/get-version.js'
import { tellAccess } from '../../commit/access.js'
import { rulesForReader } from '../../commit/lifecycle-rules.js'
import { statusForReader } from '../../commit/replication-status.js'
import type { Caused } from '../../contract/events.js'
import type { GetOptions, StoredObject } from '../../contract/object.js'
import { busy } from '../../errors.js'
import { limits } from '../../limits.js'
import { checkKeyName } from '../../rules/key-name.js'
import { checkReadConditions } from '../../rules/read-conditions.js'
import type { Works } from '../../works.js'

export async function getObject(
  works: Works,
  target: VersionTarget,
  options: GetOptions & Caused,
): Promise<StoredObject> {
  options.signal?.throwIfAborted()
  checkKeyName(target.key)
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const found = await getObjectRecord(works.kv, target)
    checkReadConditions(options, found.record, works.clock.now(), shownVersionId(found))
    const lifecycle = await rulesForReader(works, target, found.bucket)
    const status = statusForReader(works, target.key, found)
    const replicationStatus = status instanceof Promise ? await status : status
    const wanted = { ...options, lifecycle, replicationStatus }
    const opened = await openRecord(works, target.key, found, wanted, options.signal)
    if (opened === 'changed') continue
    const { origin } = options
    const telling = tellAccess(works, target, found, { name: 's3:ObjectAccessed:Get', origin })
    if (telling !== undefined) await closeUnless(telling, opened)
    return opened
  }
  throw busy(target)
}

async function closeUnless(telling: Promise<void>, opened: StoredObject): Promise<void> {
  try {
    await telling
  } catch (error) {
    await opened.close()
    throw error
  }
}
