import type { ObjectTarget } from '../../catalog/find.js'
import { commit } from '../../commit/commit.js'
import { turnOf } from '../../commit/object-change.js'
import { infoAtPlace, type PlaceState, readForPlace } from '../../commit/place-version.js'
import { mergeIntoVersion } from '../../commit/replica-facts.js'
import type { ObjectInfo } from '../../contract/object.js'
import type { ReplicaFacts } from '../../contract/replication.js'
import type { Cancel } from '../../contract/source.js'
import { deleteMarkerVersion, noSuchVersion } from '../../errors.js'
import { checkKeyName } from '../../rules/key-name.js'
import { lockOfReplica } from '../../rules/object-lock.js'
import type { DatedFacts } from '../../rules/replication/merge-facts.js'
import { checkFactTimes, checkReplicaId, type FactTimesMs } from '../../rules/replication/replica-of.js'
import { checkTags } from '../../rules/tags.js'
import type { Works } from '../../works.js'

export async function mergeReplica(
  works: Works,
  target: ObjectTarget,
  facts: ReplicaFacts,
  { bypassGovernance, signal }: { bypassGovernance?: boolean } & Cancel,
): Promise<ObjectInfo> {
  signal?.throwIfAborted()
  const { bucket, key } = target
  checkKeyName(key)
  const place = checkReplicaId(facts.versionId)
  const times = checkFactTimes(facts.changed)
  if (facts.tags !== undefined) checkTags(facts.tags, 'object')
  return commit(works, {
    turns: [turnOf(target)],
    read: (draft) => readForPlace(works, draft, target, place),
    decide: (state, draft) => {
      const { version } = state
      if (version === undefined) throw noSuchVersion(bucket, key, facts.versionId)
      const { isDeleteMarker, lastModifiedMs } = version.record
      if (isDeleteMarker) throw deleteMarkerVersion(target, facts.versionId, new Date(lastModifiedMs))
      const said = saidOf(state, lastModifiedMs, facts, times)
      const record = mergeIntoVersion(draft, state, version, said, { bypassGovernance })
      return infoAtPlace(state, record)
    },
  })
}

/** Only what was said, as old as the version where it was not said when. */
function saidOf(
  { bucket }: PlaceState,
  lastModifiedMs: number,
  { tags, retention, legalHold }: ReplicaFacts,
  { tagsMs, retentionMs, legalHoldMs }: FactTimesMs,
): Partial<DatedFacts> {
  const lock = lockOfReplica(bucket, {
    retention: retention === 'none' ? undefined : retention,
    ...(legalHold === undefined ? {} : { legalHold }),
  })
  const dated = <T>(value: T, ms = lastModifiedMs) => ({ value, ms })
  const hasLocks = bucket.objectLock === true
  return {
    ...(tags !== undefined && { tags: dated(tags, tagsMs) }),
    ...(retention !== undefined && hasLocks && { retention: dated(lock.retention, retentionMs) }),
    ...(legalHold !== undefined && hasLocks && { legalHold: dated(lock.legalHold, legalHoldMs) }),
  }
}
