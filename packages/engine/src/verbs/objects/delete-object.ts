import type { VersionTarget } from '../../catalog/find.js'
import { carryRemoval } from '../../commit/carry.js'
import { commit } from '../../commit/commit.js'
import { deleteMarker } from '../../commit/delete-marker.js'
import { changeObject, removeOnlyVersion, turnOf, writeVersion } from '../../commit/object-change.js'
import { placeDeleteMarker, removeAtPlace } from '../../commit/replica-removal.js'
import { readForRemoval, removeVersion } from '../../commit/version-removal.js'
import type { Caused } from '../../contract/events.js'
import type { Deleted, DeleteOptions } from '../../contract/object.js'
import type { ReplicaRemoval } from '../../contract/replication.js'
import { lockedVersion, noSuchVersion } from '../../errors.js'
import { addEvent } from '../../outbox/add-event.js'
import { checkKeyName } from '../../rules/key-name.js'
import { mayRemove } from '../../rules/object-lock.js'
import { checkFactTimes, checkReplicaId, checkTime } from '../../rules/replication/replica-of.js'
import { versionIdOf } from '../../rules/version-id.js'
import { checkDeleteConditions } from '../../rules/write-conditions.js'
import type { Works } from '../../works.js'

/**
 * Without a version id: the object goes, or, where versioning was set, a delete marker becomes current. With one, that
 * version goes for good. Deleting what is not there is no error, unless a condition asks for it to be there.
 */
export async function deleteObject(
  works: Works,
  target: VersionTarget,
  options: DeleteOptions & Caused,
): Promise<Deleted> {
  options.signal?.throwIfAborted()
  checkKeyName(target.key)
  if (options.replica !== undefined) return deleteReplica(works, target, options.replica, options)
  return target.versionId === undefined
    ? deleteCurrent(works, target, options)
    : deleteVersion(works, target, target.versionId, options)
}

async function deleteReplica(
  works: Works,
  target: VersionTarget,
  { deleteMarker, changed = {} }: ReplicaRemoval,
  { bypassGovernance = false }: DeleteOptions,
): Promise<Deleted> {
  const { key, versionId = '' } = target
  const place = checkReplicaId(versionId)
  if (deleteMarker !== undefined) {
    const lastModifiedMs = checkTime('lastModified', deleteMarker.lastModified)
    await placeDeleteMarker(works, target, place, lastModifiedMs)
    return { key, deleteMarker: { versionId } }
  }
  const removed = await removeAtPlace(works, target, place, { bypassGovernance, ...checkFactTimes(changed) })
  return { key, versionId, ...(removed?.isDeleteMarker === true && { deleteMarker: { versionId } }) }
}

function deleteCurrent(
  works: Works,
  target: VersionTarget,
  options: DeleteOptions & Caused,
): Promise<Deleted> {
  const { key } = target
  const { origin } = options
  return changeObject(works, target, [], (state, draft) => {
    checkDeleteConditions(options, state.current?.record, target)
    if (state.bucket.versioning === undefined) {
      removeOnlyVersion(draft, state)
      const name = state.current === undefined ? 's3:ObjectRemoved:NoOP' : 's3:ObjectRemoved:Delete'
      addEvent(works, draft, state, { name, record: state.current?.record, origin })
      return { key }
    }
    const marker = writeVersion(draft, state, deleteMarker(works.ids.next(), state.nowMs))
    addEvent(works, draft, state, { name: 's3:ObjectRemoved:DeleteMarkerCreated', record: marker, origin })
    return { key, deleteMarker: { versionId: versionIdOf(marker) } }
  })
}

function deleteVersion(
  works: Works,
  target: VersionTarget,
  versionId: string,
  options: DeleteOptions & Caused,
): Promise<Deleted> {
  const { bucket, key } = target
  return commit(works, {
    turns: [turnOf(target)],
    read: (draft) => readForRemoval(works, draft, target),
    decide: (state, draft) => {
      const record = state.version?.record
      if (record === undefined && options.ifMatch !== undefined) throw noSuchVersion(bucket, key, versionId)
      checkDeleteConditions(options, record, target)
      if (
        record !== undefined &&
        !mayRemove(record, works.lockTime.nowMs(), options.bypassGovernance === true)
      )
        throw lockedVersion(target)
      removeVersion(draft, state)
      if (record !== undefined) carryRemoval(draft, state, { version: record, known: state.known })
      const name = record === undefined ? 's3:ObjectRemoved:NoOP' : 's3:ObjectRemoved:Delete'
      addEvent(works, draft, state, { name, record, origin: options.origin })
      return { key, versionId, ...(record?.isDeleteMarker === true && { deleteMarker: { versionId } }) }
    },
  })
}
