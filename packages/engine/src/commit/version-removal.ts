import type { Draft } from '../catalog/draft.js'
import {
  type FoundObject,
  findVersion,
  foundObject,
  type ObjectTarget,
  type VersionTarget,
} from '../catalog/find.js'
import { afterAllUnder, justAfter, versionsOfKey } from '../catalog/keys.js'
import type { BucketRecord } from '../catalog/records/bucket-record.js'
import type { ReplicationStateRecord } from '../catalog/records/replication-state-record.js'
import type { Works } from '../works.js'
import { type BucketRules, rulesOfBucket } from './bucket-rules.js'
import { lookSoon } from './looks.js'
import { checkLive, putSummary } from './object-change.js'
import { releaseBody } from './references.js'
import { findReplicationState, forgetReplicationState } from './replication-state.js'

/** What the removal of one version finds. */
export interface RemovalState extends BucketRules {
  readonly target: ObjectTarget
  readonly bucket: BucketRecord
  /** The key's own row. */
  readonly current: FoundObject | undefined
  readonly version: FoundObject | undefined
  /** The one that becomes current, where the current one is to go and has others behind it. */
  readonly next?: FoundObject
  /** How far the version has come to other stores, where the bucket has rules for that. */
  readonly known?: ReplicationStateRecord | undefined
  readonly nowMs: number
}

export async function readForRemoval(
  works: Works,
  draft: Draft,
  target: VersionTarget,
): Promise<RemovalState> {
  const { bucket, current, version } = await findVersion(draft, target)
  checkLive(bucket, target)
  const rules = await rulesOfBucket(works, bucket)
  const found: RemovalState = { target, bucket, ...rules, current, version, nowMs: works.clock.now() }
  if (version === undefined) return found
  const known =
    rules.replication === undefined ? undefined : await findReplicationState(draft, found, version.record)
  return withNext(works, draft, { ...found, known })
}

/** Finds the version that becomes current, where the one that is to go has others behind it. */
export async function withNext(
  works: Works,
  draft: Draft,
  state: Omit<RemovalState, 'next'>,
): Promise<RemovalState> {
  const { bucket, target, version } = state
  if (version === undefined || !isCurrent(state)) return state
  const { rows } = await works.kv.scan({
    from: justAfter(version.row.key),
    to: afterAllUnder(versionsOfKey(bucket.bucketId, target.key)),
    limit: 1,
  })
  const row = rows[0]
  if (row === undefined) return state
  // Another removal may take it meanwhile. Whatever comes between changes the key's row.
  draft.check(row.key, row)
  return { ...state, next: foundObject(bucket, target, row) }
}

/** Among versions: whether the version is the one that the key's own row summarises. */
function isCurrent({ current, version }: RemovalState): boolean {
  return (
    current?.record.summary !== undefined &&
    Buffer.compare(current.record.recordId, version!.record.recordId) === 0
  )
}

/** The version goes for good and its bytes are let go. Was it the current one, the next older is that now. */
export function removeVersion(draft: Draft, state: RemovalState): void {
  const { current, version, next, nowMs } = state
  if (version === undefined || current === undefined) return
  draft.freesSpace = true
  releaseBody(draft, version.record, nowMs)
  draft.delete(version.row.key)
  forgetReplicationState(draft, state, version.record)
  const { summary } = current.record
  if (summary === undefined) return
  const nullVersion = version.record.isNullVersion === true ? undefined : summary.nullVersion
  // Another version is current now, or a delete marker may be the last of its key.
  if (isCurrent(state) ? next !== undefined : current.record.isDeleteMarker) lookSoon(draft, state)
  if (!isCurrent(state)) {
    if (nullVersion !== summary.nullVersion) putSummary(draft, state, current.record, nullVersion)
  } else if (next !== undefined) {
    putSummary(draft, state, next.record, nullVersion)
  } else {
    draft.delete(current.row.key)
  }
}
