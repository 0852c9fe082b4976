import type { Draft } from '../catalog/draft.js'
import type { ObjectRecord } from '../catalog/records/object-record.js'
import { identityAt, infoAtPlace, type PlaceState } from '../commit/place-version.js'
import { takeReplica } from '../commit/take-replica.js'
import type { Attributes, ObjectInfo } from '../contract/object.js'
import { lockOfReplica } from '../rules/object-lock.js'
import type { StoredReplica } from '../rules/replication/replica-of.js'
import type { Works } from '../works.js'
import { newObject } from './new-object.js'
import type { StagedBody } from './stage.js'
import type { StagedIfNeeded } from './staged-if-needed.js'

/** Decides about bytes that came in one piece for a version that was made in another store. */
export function writeReplica(
  works: Works,
  draft: Draft,
  state: PlaceState,
  { staged, ifNeeded }: { readonly staged: StagedBody; readonly ifNeeded: StagedIfNeeded },
  attributes: Attributes,
  replica: StoredReplica,
): ObjectInfo {
  const record: ObjectRecord = {
    ...newObject(works, staged, attributes, replica.lastModifiedMs),
    ...identityAt(works, replica.place),
    ...(replica.etag === undefined ? {} : { etag: replica.etag }),
    ...lockOfReplica(state.bucket, attributes),
  }
  const taken = takeReplica(draft, state, record, replica, staged.payload)
  ifNeeded.isNeeded = taken.isNew
  return infoAtPlace(state, taken.record)
}
