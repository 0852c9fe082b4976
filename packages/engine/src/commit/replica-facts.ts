import type { Draft } from '../catalog/draft.js'
import type { FoundObject } from '../catalog/find.js'
import { bucketKey, replicationStateKey } from '../catalog/keys.js'
import { encodeBucket } from '../catalog/records/bucket-record.js'
import { encodeObject, type ObjectRecord } from '../catalog/records/object-record.js'
import { encodeReplicationState, type TargetState } from '../catalog/records/replication-state-record.js'
import { lockedVersion } from '../errors.js'
import {
  areSameFacts,
  awaitsItsEnd,
  type DatedFacts,
  knowsMore,
  mergeFacts,
  weakensGovernance,
} from '../rules/replication/merge-facts.js'
import type { FactTimesMs } from '../rules/replication/replica-of.js'
import { putBackInLine } from './carry.js'
import { summarise } from './facts-change.js'
import { lookSoon } from './looks.js'
import type { PlaceState } from './place-version.js'

/** What a record says of its version, each as old as the version where no other time is known. */
export const datedFacts = (
  {
    tags,
    retention,
    legalHold,
    lastModifiedMs,
  }: Pick<ObjectRecord, 'tags' | 'retention' | 'legalHold' | 'lastModifiedMs'>,
  { tagsMs, retentionMs, legalHoldMs }: FactTimesMs = {},
): DatedFacts => ({
  tags: { value: tags, ms: tagsMs ?? lastModifiedMs },
  retention: { value: retention, ms: retentionMs ?? lastModifiedMs },
  legalHold: { value: legalHold, ms: legalHoldMs ?? lastModifiedMs },
})

/**
 * Merges what is said elsewhere into the version that is there, and answers what it is then. What changes nothing writes nothing; unless
 * more is known here than was said: then it is said back to the stores that this one carries over to. Who says it may have removed the
 * version, got it again from a third store, and have forgotten what it had told this one.
 *
 * @throws {@link EngineError} `AccessDenied` where a retention of governance would be weakened, which only who bypasses it may; and where
 * one of compliance has not ended by the clock of one of the two stores: it is for whoever says it to come again.
 */
export function mergeIntoVersion(
  draft: Draft,
  state: PlaceState,
  { row, record }: FoundObject,
  said: Partial<DatedFacts>,
  { bypassGovernance }: { readonly bypassGovernance?: boolean | undefined },
): ObjectRecord {
  const { target, current, payload, lockMs } = state
  const before = datedFacts(record, state.replicationState)
  if (said.retention !== undefined && awaitsItsEnd(before.retention, said.retention, lockMs))
    throw lockedVersion(target)
  const after = mergeFacts(before, { ...before, ...said }, lockMs)
  const isSame = areSameFacts(before, after)
  const toSayBack = knowsMore(after, { ...datedFacts(unchanged(record)), ...said })
  if (isSame && !toSayBack) return record
  if (bypassGovernance !== true && weakensGovernance(before.retention.value, after.retention.value, lockMs))
    throw lockedVersion(target)
  const { retention: _, legalHold: __, ...rest } = record
  const merged: ObjectRecord = {
    ...rest,
    tags: after.tags.value,
    ...(after.retention.value && { retention: after.retention.value }),
    ...(after.legalHold.value === undefined ? {} : { legalHold: after.legalHold.value }),
  }
  const targets = toSayBack ? putBackInLine(draft, state, merged, state.replicationState) : undefined
  if (isSame && targets === undefined) return record
  putFactTimes(draft, state, merged, after, targets)
  if (isSame) return record
  draft.put(row.key, encodeObject(merged), payload)
  if (current !== undefined) summarise(draft, target, current, merged)
  // Its tags and its lock matter to rules.
  lookSoon(draft, state)
  return merged
}

/** As it was when it was written, for all that is known of it elsewhere. */
const unchanged = ({ retention: _, legalHold: __, ...record }: ObjectRecord): ObjectRecord => ({
  ...record,
  tags: {},
})

/** Writes down when facts were changed last, of a version where any was since it was written. */
export function putFactTimes(
  draft: Draft,
  { bucket, target, place, replicationState }: PlaceState,
  { lastModifiedMs, isReplica }: ObjectRecord,
  { tags, retention, legalHold }: DatedFacts,
  targets: readonly TargetState[] = replicationState?.targets ?? [],
): void {
  const state = {
    ...(tags.ms === lastModifiedMs ? {} : { tagsMs: tags.ms }),
    ...(retention.ms === lastModifiedMs ? {} : { retentionMs: retention.ms }),
    ...(legalHold.ms === lastModifiedMs ? {} : { legalHoldMs: legalHold.ms }),
    targets,
  }
  if (replicationState === undefined && Object.keys(state).length === 1) return
  draft.put(replicationStateKey(bucket.bucketId, target.key, place), encodeReplicationState(state))
  // Of replicas it is known that there may be such a row; of others, where the bucket says so.
  if (isReplica === true || bucket.hasReplicationStates === true) return
  draft.put(bucketKey(target.bucket), encodeBucket({ ...bucket, hasReplicationStates: true }))
}
