import type { ObjectTarget } from '../catalog/find.js'
import type { ObjectRecord } from '../catalog/records/object-record.js'
import { lockedVersion } from '../errors.js'
import { joinLocks } from '../rules/replication/locks-ms.js'
import { mayRemoveReplica, type PassedOver, passedLocks } from '../rules/replication/may-remove-replica.js'
import type { VersionPlace } from '../rules/version-id.js'
import type { Works } from '../works.js'
import { isToldOfFacts } from './carry.js'
import { commit } from './commit.js'
import { deleteMarker } from './delete-marker.js'
import { turnOf } from './object-change.js'
import { identityAt, placeVersion, readForPlace } from './place-version.js'
import { locksMsOf, rememberAlso, rememberRemoved } from './removed-version.js'
import { datedFacts } from './replica-facts.js'
import { otherKindThere, removedBefore } from './take-replica.js'
import { removeVersion, withNext } from './version-removal.js'

/** A delete marker that was made in another store is made here, at its place. Is it there, nothing is done. */
export function placeDeleteMarker(
  works: Works,
  target: ObjectTarget,
  place: VersionPlace,
  lastModifiedMs: number,
): Promise<void> {
  return commit(works, {
    turns: [turnOf(target)],
    read: (draft) => readForPlace(works, draft, target, place),
    decide: (state, draft) => {
      if (state.version?.record.isDeleteMarker === false) throw otherKindThere()
      if (state.version !== undefined) return
      if (state.removed !== undefined) throw removedBefore(place)
      const identity = identityAt(works, place)
      placeVersion(draft, state, { ...deleteMarker(identity.recordId, lastModifiedMs), ...identity })
    },
  })
}

/**
 * A version that was removed for good in another store is removed here, whatever it is called. It is remembered also where there
 * was nothing to remove: the version may be on its way. Answers what was removed.
 *
 * @throws {@link EngineError} `AccessDenied` where object lock keeps it, or what was said here of its locks since.
 */
export function removeAtPlace(
  works: Works,
  target: ObjectTarget,
  place: VersionPlace,
  passing: PassedOver,
): Promise<ObjectRecord | undefined> {
  return commit(works, {
    turns: [turnOf(target)],
    read: async (draft) => {
      const state = await readForPlace(works, draft, target, place)
      return { state, removal: await withNext(works, draft, state) }
    },
    decide: ({ state, removal }, draft) => {
      const record = state.version?.record
      const passed = passedLocks(passing)
      if (record === undefined) {
        if (state.removed === undefined) rememberRemoved(draft, state, place, passed)
        else rememberAlso(draft, state, place, state.removed, passed)
        return undefined
      }
      const { lockMs, replicationState } = state
      const isTold = isToldOfFacts(state, record, replicationState)
      if (!mayRemoveReplica(datedFacts(record, replicationState), passing, { lockMs, isTold }))
        throw lockedVersion(target)
      removeVersion(draft, removal)
      // What is told to nobody here others may have said: by them it may come back to whoever removed it, and then is to come back here.
      const known = isTold ? joinLocks(locksMsOf(record, replicationState), passed) : passed
      rememberRemoved(draft, state, place, known)
      return record
    },
  })
}
