import { Buffer } from 'node:buffer'
import type { Draft } from '../catalog/draft.js'
import type { ObjectTarget } from '../catalog/find.js'
import type { BucketRecord } from '../catalog/records/bucket-record.js'
import type { ObjectRecord } from '../catalog/records/object-record.js'
import {
  encodeReplicationState,
  type ReplicationStateRecord,
  type TargetState,
} from '../catalog/records/replication-state-record.js'
import type { ReplicationStatus } from '../contract/replication.js'
import { type InLine, putInLine } from '../outbox/put-in-line.js'
import { type ChosenRule, chooseRules, type RuledTarget } from '../rules/replication/choose-rules.js'
import type { LocksMs } from '../rules/replication/locks-ms.js'
import { placeOf } from '../rules/version-id.js'
import { locksMsOf, rememberRemoved } from './removed-version.js'
import { mayBeKnown, stateKeyOf } from './replication-state.js'

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

/**
 * Something was changed of a version by who uses this store. When, is written down wherever another store may have changed the same:
 * each change is later than the one before it, whatever the clock says.
 */
export function carryFacts(
  draft: Draft,
  changed: Changed,
  { version, fact, known }: { version: ObjectRecord; fact: Fact; known: ReplicationStateRecord | undefined },
): void {
  if (!mayBeKnown(changed, version)) return
  const before = known?.[timeOf[fact]] ?? version.lastModifiedMs
  const states = [...(known?.targets ?? [])]
  for (const { target } of rulesForFacts(changed, version, states)) {
    // Where a replica came from the bytes are. A target that it did not come from will say that it has no such version.
    makePending(states, target, { hasBytes: version.isReplica === true })
    putVersionInLine(draft, changed, version, { target, isRemoved: false })
  }
  const state = { ...known, [timeOf[fact]]: Math.max(changed.nowMs, before + 1), targets: states }
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
  makePending(states, target, { hasBytes: true })
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
  let isTold = false
  for (const { target } of rulesForFacts(changed, version, states)) {
    const isPending = states[indexOf(states, target)]?.status === 'pending'
    if (!target.keepsVersionIds || isPending) continue
    makePending(states, target, { hasBytes: true })
    putVersionInLine(draft, changed, version, { target, isRemoved: false })
    isTold = true
  }
  return isTold ? states : undefined
}

/** Whether any store that could say something back hears what is said here of a version. */
export const isToldOfFacts = (
  changed: Pick<Changed, 'target' | 'replication'>,
  version: ObjectRecord,
  known: ReplicationStateRecord | undefined,
): boolean =>
  rulesForFacts(changed, version, known?.targets ?? []).some(({ target }) => target.keepsVersionIds)

function rulesForFacts(
  { target: { key }, replication = [] }: Pick<Changed, 'target' | 'replication'>,
  { tags, isDeleteMarker, isReplica }: ObjectRecord,
  states: readonly TargetState[],
): ChosenRule[] {
  const chosen = chooseRules(replication, { key, tags, isDeleteMarker }, isIn(states))
  return isReplica === true ? chosen.filter(({ rule }) => rule.replicaModifications !== 'disabled') : chosen
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

/** @param unknown Of a target of which nothing is known yet. */
function makePending(
  states: TargetState[],
  target: Pick<RuledTarget, 'targetId'>,
  unknown: Pick<TargetState, 'hasBytes'>,
): void {
  const at = indexOf(states, target)
  const state = states[at] ?? { targetId: target.targetId, ...unknown }
  states[at < 0 ? states.length : at] = { ...state, status: 'pending' }
}

const indexOf = (states: readonly TargetState[], { targetId }: Pick<RuledTarget, 'targetId'>): number =>
  states.findIndex((state) => Buffer.compare(state.targetId, targetId) === 0)

const isIn =
  (states: readonly TargetState[]) =>
  (target: RuledTarget): boolean =>
    indexOf(states, target) >= 0
