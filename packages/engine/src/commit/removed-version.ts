import { createHash } from 'node:crypto'
import type { Draft } from '../catalog/draft.js'
import { removedVersionKey } from '../catalog/keys.js'
import type { ObjectRecord } from '../catalog/records/object-record.js'
import { encodeRemovedVersion, type RemovedVersionRecord } from '../catalog/records/removed-version-record.js'
import type { ReplicationStateRecord } from '../catalog/records/replication-state-record.js'
import { limits } from '../limits.js'
import { areSameLocks, joinLocks, type LocksMs } from '../rules/replication/locks-ms.js'
import { countsAsSaidMs } from '../rules/replication/merge-facts.js'
import type { VersionPlace } from '../rules/version-id.js'

interface Whose {
  readonly target: { readonly key: string }
  readonly bucket: { readonly bucketId: Uint8Array }
}

/** By them another store tells what was known here of a version's locks from what nobody here has heard of. */
export const locksMsOf = (
  { lastModifiedMs, retention }: ObjectRecord,
  { retentionMs = lastModifiedMs, legalHoldMs = lastModifiedMs }: Partial<ReplicationStateRecord> = {},
): LocksMs => ({ retentionMs: countsAsSaidMs({ value: retention, ms: retentionMs }), legalHoldMs })

/** No other store is to bring the version back, unless more is known there of its locks. */
export function rememberRemoved(
  draft: Draft,
  { bucket: { bucketId }, target: { key }, nowMs }: Whose & { readonly nowMs: number },
  place: VersionPlace,
  locksMs: LocksMs,
): void {
  draft.put(removedVersionKey(bucketId, key, place), encodeRemovedVersion({ removedMs: nowMs, ...locksMs }))
  deferForgetting(draft, { bucketId, key, place }, nowMs + limits.removedVersionKeptMs)
}

/** A version that was removed before was removed by somebody else too, who may have known of other locks. */
export function rememberAlso(
  draft: Draft,
  { bucket: { bucketId }, target: { key } }: Whose,
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
