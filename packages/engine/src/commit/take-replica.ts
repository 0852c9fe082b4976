import type { Draft } from '../catalog/draft.js'
import { getBucket, type ObjectTarget } from '../catalog/find.js'
import { removedVersionKey } from '../catalog/keys.js'
import type { ObjectRecord } from '../catalog/records/object-record.js'
import { decodeRemovedVersion } from '../catalog/records/removed-version-record.js'
import type { TargetState } from '../catalog/records/replication-state-record.js'
import type { Attributes } from '../contract/object.js'
import { EngineError, lockedVersion } from '../errors.js'
import { lockOfReplica } from '../rules/object-lock.js'
import { awaitsRemoval, mustReturn } from '../rules/replication/may-remove-replica.js'
import type { DatedFacts } from '../rules/replication/merge-facts.js'
import type { StoredReplica } from '../rules/replication/replica-of.js'
import { checkTakesReplicas } from '../rules/replication/takes-replicas.js'
import { formatPlace, type VersionPlace } from '../rules/version-id.js'
import type { Works } from '../works.js'
import { putBackInLine } from './carry.js'
import { type PlaceState, placeVersion } from './place-version.js'
import { datedFacts, mergeIntoVersion, putFactTimes } from './replica-facts.js'

/** What has become of a version that was brought. */
export interface Taken {
  readonly record: ObjectRecord
  /** It was not there before, and holds the bytes that came with it. */
  readonly isNew: boolean
}

/**
 * Takes a version that was made in another store: at its place, or, is it there already, what is said of it.
 *
 * @throws {@link EngineError} `PreconditionFailed`, `AccessDenied`.
 */
export function takeReplica(
  draft: Draft,
  state: PlaceState,
  record: ObjectRecord,
  replica: StoredReplica,
  payload?: Uint8Array,
): Taken {
  const { version, place } = state
  // What was never changed is as old as the version that is here: by another age that is claimed, a hold could be talked away.
  const lastModifiedMs = version?.record.lastModifiedMs ?? record.lastModifiedMs
  const said = datedFacts({ ...record, lastModifiedMs }, replica)
  if (version?.record.isDeleteMarker === true) throw otherKindThere()
  if (version !== undefined) {
    // Of two that are as old, none would win over some: that there are none is said with a time, or not at all.
    const { tags, ...locks } = said
    const saysTags = replica.tagsMs !== undefined || Object.keys(tags.value).length > 0
    const merged = mergeIntoVersion(draft, state, version, saysTags ? said : locks, replica)
    return { record: merged, isNew: false }
  }
  if (!mayReturn(state, said)) throw removedBefore(place)
  if (state.removed !== undefined && awaitsRemoval(said, state.removed, state.lockMs))
    throw lockedVersion(state.target)
  placeVersion(draft, state, record, payload)
  putFactTimes(draft, state, record, said, bringBack(draft, state, record))
  return { record, isNew: true }
}

/** Whoever was told that a version was removed, and may have removed it too, is to have it again where it is back. */
function bringBack(
  draft: Draft,
  state: PlaceState,
  record: ObjectRecord,
): readonly TargetState[] | undefined {
  const { bucket, target, place, removed } = state
  if (removed === undefined) return undefined
  draft.delete(removedVersionKey(bucket.bucketId, target.key, place))
  return putBackInLine(draft, state, record, undefined)
}

/** An object and a delete marker of one id: not what any store makes. */
export function otherKindThere(): EngineError<'InvalidRequest'> {
  const reason =
    'What has this version id here is a delete marker where an object was sent, or the other way about.'
  return new EngineError('InvalidRequest', reason, { reason })
}

/** What was removed for good does not come again, unless more is said of its locks than was known then. */
export const mayReturn = (
  { removed, lockMs }: Pick<PlaceState, 'removed' | 'lockMs'>,
  said: Pick<DatedFacts, 'retention' | 'legalHold'>,
): boolean => removed === undefined || mustReturn(said, removed, lockMs)

export function removedBefore(place: VersionPlace): EngineError<'PreconditionFailed'> {
  const versionId = formatPlace(place)
  const condition = 'replica'
  return new EngineError('PreconditionFailed', `Version "${versionId}" was removed here for good.`, {
    condition,
    versionId,
  })
}

/** Spares a long upload what {@link takeReplica} would refuse as things are; decides nothing. */
export async function checkReplicaEarly(
  { kv, lockTime }: Pick<Works, 'kv' | 'lockTime'>,
  target: ObjectTarget,
  replica: StoredReplica,
  asked: Pick<Attributes, 'retention' | 'legalHold'>,
): Promise<void> {
  const { place, lastModifiedMs } = replica
  const bucket = await getBucket(kv, target.bucket)
  checkTakesReplicas(bucket)
  const row = await kv.get(removedVersionKey(bucket.bucketId, target.key, place))
  if (row === undefined) return
  const removed = decodeRemovedVersion(row.value)
  const said = datedFacts({ tags: {}, lastModifiedMs, ...lockOfReplica(bucket, asked) }, replica)
  if (!mayReturn({ removed, lockMs: lockTime.nowMs() }, said)) throw removedBefore(place)
}
