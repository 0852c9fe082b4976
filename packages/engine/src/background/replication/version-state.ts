import { Buffer } from 'node:buffer'
import type { Draft } from '../../catalog/draft.js'
import type { FoundObject } from '../../catalog/find.js'
import { findByPlace } from '../../catalog/find-by-place.js'
import { replicationStateKey } from '../../catalog/keys.js'
import type { BucketRecord } from '../../catalog/records/bucket-record.js'
import {
  decodeReplicationState,
  encodeReplicationState,
  type ReplicationStateRecord,
  type TargetState,
} from '../../catalog/records/replication-state-record.js'
import { findSource } from '../../catalog/replication-targets.js'
import type { KnownTarget } from '../../replication/targets.js'
import type { VersionPlace } from '../../rules/version-id.js'
import type { Works } from '../../works.js'

/** A version that stands in line for a target. */
export interface Lined {
  readonly target: KnownTarget
  readonly key: string
  readonly place: VersionPlace
}

/** What is true of it at a moment. */
export interface FoundState {
  readonly bucket: BucketRecord
  readonly version: FoundObject | undefined
  readonly state: ReplicationStateRecord | undefined
  /** How far it has come to this target; undefined where it is not to go there. */
  readonly toTarget: TargetState | undefined
}

/**
 * Undefined where the bucket has gone.
 *
 * @param draft The commit rests on the version, and on what is known of its way.
 */
export async function findState(
  works: Works,
  { target, key, place }: Lined,
  draft?: Draft,
): Promise<FoundState | undefined> {
  const bucket = await findSource(works.kv, target.record)
  if (bucket === undefined) return undefined
  const { sourceBucket } = target.record
  const version = await findByPlace(works.kv, bucket, { bucket: sourceBucket, key }, place, draft)
  const stateKey = replicationStateKey(bucket.bucketId, key, place)
  const stateRow = await (draft ?? works.kv).get(stateKey)
  const state = stateRow && decodeReplicationState(stateRow.value, `replication of "${key}"`)
  const toTarget = state?.targets.find(({ targetId }) => Buffer.compare(targetId, target.targetId) === 0)
  return { bucket, version, state, toTarget }
}

/** Writes down how far it has come to its target, and leaves what is known of others as it was. */
export function putState(
  draft: Draft,
  { target, key, place }: Lined,
  state: ReplicationStateRecord,
  changed: TargetState,
): void {
  const targets = state.targets.map((each) =>
    Buffer.compare(each.targetId, changed.targetId) === 0 ? changed : each,
  )
  draft.put(
    replicationStateKey(target.record.sourceBucketId, key, place),
    encodeReplicationState({ ...state, targets }),
  )
}

/**
 * All that is carried over of a version, as text: what was carried over is the state of a later moment only if this is the same.
 */
export function factsText({ version, state }: FoundState): string {
  if (version === undefined) return 'gone'
  const { etag, sizeBytes, tags, retention, legalHold } = version.record
  const { tagsMs, retentionMs, legalHoldMs } = state ?? {}
  const sorted = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([etag, sizeBytes, sorted, retention, legalHold, tagsMs, retentionMs, legalHoldMs])
}
