import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { Draft } from '../catalog/draft.js'
import type { ObjectTarget } from '../catalog/find.js'
import { removedVersionKey, replicationStateKey } from '../catalog/keys.js'
import type { BucketRecord } from '../catalog/records/bucket-record.js'
import type { ObjectRecord } from '../catalog/records/object-record.js'
import { encodeRemovedVersion, type RemovedVersionRecord } from '../catalog/records/removed-version-record.js'
import {
  decodeReplicationState,
  encodeReplicationState,
  type ReplicationStateRecord,
  type TargetState,
} from '../catalog/records/replication-state-record.js'
import type { ReplicationStatus } from '../contract/replication.js'
import { limits } from '../limits.js'
import { type InLine, putInLine } from '../outbox/put-in-line.js'
import { type ChosenRule, chooseRules, type RuledTarget } from '../rules/replication/choose-rules.js'
import { areSameLocks, joinLocks, type LocksMs } from '../rules/replication/locks-ms.js'
import { placeOf, type VersionPlace } from '../rules/version-id.js'

/**
 * What a change does so that it is carried over: it writes down, in its own commit, how far its version has come, and puts the
 * version in line for each target that a rule names. What came by replication goes no further.
 */
interface Changed {
  readonly target: ObjectTarget
  readonly bucket: BucketRecord
  readonly replication?: readonly RuledTarget[] | undefined
  readonly nowMs: number
}

/** What can be changed of a version after it was written. */
export type Fact = 'tags' | 'retention' | 'legalHold'

/** A version was written. It has the place that it will keep. */
export function carryVersion(draft: Draft, changed: Changed, version: ObjectRecord): void {
  if (changed.replication === undefined) return
  const chosen = rulesForNew(changed, version)
  if (chosen.length === 0) return
  const targets = chosen.map(({ target: { targetId } }) => ({ targetId, ...ON_ITS_WAY }))
  draft.put(stateKeyOf(changed, version), encodeReplicationState({ targets }))
  for (const { target } of chosen) putVersionInLine(draft, changed, version, { target, isRemoved: false })
}

const ON_ITS_WAY = { status: 'pending', hasBytes: false } as const

/** What is told of a version that was just written. */
export const statusOfNew = (
  changed: Pick<Changed, 'target' | 'replication'>,
  version: ObjectRecord,
): ReplicationStatus | undefined =>
  changed.replication === undefined || rulesForNew(changed, version).length === 0 ? undefined : 'pending'

function rulesForNew(
  { target: { key }, replication }: Pick<Changed, 'target' | 'replication'>,
  version: ObjectRecord,
): ChosenRule[] {
  if (replication === undefined || version.isReplica === true) return []
  const { tags, isDeleteMarker } = version
  const chosen = chooseRules(replication, { key, tags, isDeleteMarker })
  return isDeleteMarker ? chosen.filter(({ rule }) => rule.deleteMarkers === 'enabled') : chosen
}

/** What is known of a version's way to other stores, where a change of it has to know. The commit rests on it. */
export async function findReplicationState(
  draft: Draft,
  changed: Omit<Changed, 'nowMs'>,
  version: ObjectRecord,
): Promise<ReplicationStateRecord | undefined> {
  if (!mayBeKnown(changed, version)) return undefined
  const row = await draft.get(stateKeyOf(changed, version))
  return row && decodeReplicationState(row.value, `replication of "${changed.target.key}"`)
}

/**
 * Something was changed of a version by who uses this store. When, is written down wherever another store may have changed the same:
 * each change is later than the one before it, whatever the clock says.
 */
export function carryFacts(
  draft: Draft,
  changed: Changed,
  { version, fact, known }: { version: ObjectRecord; fact: Fact; known: ReplicationStateRecord | undefined },
): void {
  const { target, replication, nowMs } = changed
  if (!mayBeKnown(changed, version)) return
  const isReplica = version.isReplica === true
  const before = known?.[timeOf[fact]] ?? version.lastModifiedMs
  const states = [...(known?.targets ?? [])]
  const { tags, isDeleteMarker } = version
  const chosen = chooseRules(replication ?? [], { key: target.key, tags, isDeleteMarker }, isIn(states))
  for (const { target, rule } of chosen) {
    if (isReplica && rule.replicaModifications === 'disabled') continue
    const at = indexOf(states, target)
    // Where a replica came from the bytes are. A target that it did not come from will say that it has no such version.
    const state = states[at] ?? { targetId: target.targetId, hasBytes: isReplica }
    states[at < 0 ? states.length : at] = { ...state, status: 'pending' }
    putVersionInLine(draft, changed, version, { target, isRemoved: false })
  }
  const state = { ...known, [timeOf[fact]]: Math.max(nowMs, before + 1), targets: states }
  draft.put(stateKeyOf(changed, version), encodeReplicationState(state))
}

/** A version is to be brought once more to a target that keeps ids, and may have it already. */
export function bringOver(
  draft: Draft,
  changed: Changed,
  { version, known }: { version: ObjectRecord; known: ReplicationStateRecord | undefined },
  { targetId }: Pick<RuledTarget, 'targetId'>,
): void {
  const target = { targetId, keepsVersionIds: true }
  const states = [...(known?.targets ?? [])]
  const at = indexOf(states, target)
  const state = states[at] ?? { targetId: target.targetId, hasBytes: true }
  states[at < 0 ? states.length : at] = { ...state, status: 'pending' }
  draft.put(stateKeyOf(changed, version), encodeReplicationState({ ...known, targets: states }))
  putVersionInLine(draft, changed, version, { target, isRemoved: false })
}

/**
 * More is known of a version here than was said of it: those who are not to be told of it anyway are told.
 *
 * @returns how far it has come to all stores then; undefined where nobody need be told.
 */
export function putBackInLine(
  draft: Draft,
  changed: Changed,
  version: ObjectRecord,
  known: ReplicationStateRecord | undefined,
): readonly TargetState[] | undefined {
  const states = [...(known?.targets ?? [])]
  const { tags, isDeleteMarker } = version
  const { target, replication = [] } = changed
  const chosen = chooseRules(replication, { key: target.key, tags, isDeleteMarker }, isIn(states))
  let isTold = false
  for (const { target, rule } of chosen) {
    const at = indexOf(states, target)
    if (
      !target.keepsVersionIds ||
      rule.replicaModifications === 'disabled' ||
      states[at]?.status === 'pending'
    )
      continue
    const state = states[at] ?? { targetId: target.targetId, hasBytes: true }
    states[at < 0 ? states.length : at] = { ...state, status: 'pending' }
    putVersionInLine(draft, changed, version, { target, isRemoved: false })
    isTold = true
  }
  return isTold ? states : undefined
}

const timeOf = { tags: 'tagsMs', retention: 'retentionMs', legalHold: 'legalHoldMs' } as const

/**
 * A version was removed for good by who uses this store. It is remembered, so that no transfer that is under way brings it back.
 * What is known of it goes with its row.
 */
export function carryRemoval(
  draft: Draft,
  changed: Changed,
  { version, known }: { version: ObjectRecord; known: ReplicationStateRecord | undefined },
): void {
  const { target, replication } = changed
  if (replication === undefined) return
  const locksMs = locksMsOf(version, known)
  rememberRemoved(draft, changed, placeOf(version), locksMs)
  const states = known?.targets ?? []
  const { tags, isDeleteMarker } = version
  const chosen = chooseRules(replication, { key: target.key, tags, isDeleteMarker }, isIn(states))
  for (const { target, rule } of chosen) {
    if (rule.versionDeletes !== 'enabled') continue
    const { targetVersionId } = states[indexOf(states, target)] ?? {}
    putVersionInLine(draft, changed, version, { target, isRemoved: true, targetVersionId, locksMs })
  }
}

/** By them another store tells what was known here of a version's locks from what nobody here has heard of. */
export const locksMsOf = (
  { lastModifiedMs }: ObjectRecord,
  { retentionMs = lastModifiedMs, legalHoldMs = lastModifiedMs }: Partial<ReplicationStateRecord> = {},
): LocksMs => ({ retentionMs, legalHoldMs })

/** No other store is to bring the version back, unless more is known there of its locks. */
export function rememberRemoved(
  draft: Draft,
  { bucket: { bucketId }, target: { key }, nowMs }: Pick<Changed, 'bucket' | 'target' | 'nowMs'>,
  place: VersionPlace,
  locksMs: LocksMs,
): void {
  draft.put(removedVersionKey(bucketId, key, place), encodeRemovedVersion({ removedMs: nowMs, ...locksMs }))
  deferForgetting(draft, { bucketId, key, place }, nowMs + limits.removedVersionKeptMs)
}

/** A version that was removed before was removed by somebody else too, who may have known of other locks. */
export function rememberAlso(
  draft: Draft,
  { bucket: { bucketId }, target: { key } }: Pick<Changed, 'bucket' | 'target'>,
  place: VersionPlace,
  { removedMs, ...known }: RemovedVersionRecord,
  also: LocksMs,
): void {
  const locksMs = joinLocks(known, also)
  if (areSameLocks(known, locksMs)) return
  draft.put(removedVersionKey(bucketId, key, place), encodeRemovedVersion({ removedMs, ...locksMs }))
}

/** The work has an id of its own: two buckets may have the very version, and have it removed in one millisecond. */
export function deferForgetting(
  draft: Draft,
  { bucketId, key, place }: { bucketId: Uint8Array; key: string; place: VersionPlace },
  dueMs: number,
): void {
  const id = createHash('sha256').update(bucketId).update(place).update(key).digest().subarray(0, 16)
  draft.defer(dueMs, id, { kind: 'removed-version', bucketId, key, place })
}

/** A version's row goes, and with it what is known of its way to other stores. Costs nothing where nothing can be known. */
export function forgetReplicationState(
  draft: Draft,
  { bucket, target }: Pick<Changed, 'bucket' | 'target'>,
  version: ObjectRecord,
): void {
  if (mayBeKnown({ bucket }, version)) draft.delete(stateKeyOf({ bucket, target }, version))
}

/** Whether another store may have the version, or may come to have it. */
const mayBeKnown = ({ bucket }: Pick<Changed, 'bucket'>, version: ObjectRecord): boolean =>
  bucket.hasReplicationStates === true || version.isReplica === true

const stateKeyOf = (
  { bucket, target }: Pick<Changed, 'bucket' | 'target'>,
  version: ObjectRecord,
): Uint8Array => replicationStateKey(bucket.bucketId, target.key, placeOf(version))

function putVersionInLine(
  draft: Draft,
  { target: { bucket, key }, nowMs }: Changed,
  version: ObjectRecord,
  how: {
    target: InLine['target']
    isRemoved: boolean
    targetVersionId?: string | undefined
    locksMs?: LocksMs
  },
): void {
  putInLine(draft, { ...how, bucket, key, place: placeOf(version), sizeBytes: version.sizeBytes }, nowMs)
}

const indexOf = (states: readonly TargetState[], { targetId }: Pick<RuledTarget, 'targetId'>): number =>
  states.findIndex((state) => Buffer.compare(state.targetId, targetId) === 0)

const isIn =
  (states: readonly TargetState[]) =>
  (target: RuledTarget): boolean =>
    indexOf(states, target) >= 0
