import { Buffer } from 'node:buffer'
import type { Draft } from '../catalog/draft.js'
import { type FoundObject, findObject, foundObject, type ObjectTarget } from '../catalog/find.js'
import { removedVersionKey, replicationStateKey, versionKey } from '../catalog/keys.js'
import { toObjectInfo } from '../catalog/object-info.js'
import type { BucketRecord } from '../catalog/records/bucket-record.js'
import type { ObjectRecord } from '../catalog/records/object-record.js'
import {
  decodeReplicationState,
  type ReplicationStateRecord,
} from '../catalog/records/replication-state-record.js'
import type { ObjectInfo } from '../contract/object.js'
import { busy } from '../errors.js'
import { limits } from '../limits.js'
import { replicationStatus } from '../rules/replication/status.js'
import { checkTakesReplicas } from '../rules/replication/takes-replicas.js'
import { orderOfPlace, placeOf, type VersionPlace } from '../rules/version-id.js'
import type { Works } from '../works.js'
import { type BucketRules, rulesOfBucket } from './bucket-rules.js'
import { lookAfterWrite, lookSoon } from './looks.js'
import { checkLive, moveOnlyVersion, putSummary, putVersion } from './object-change.js'

/** What a decision about a version of a given place finds, whatever the version is called here. */
export interface PlaceState extends BucketRules {
  readonly target: ObjectTarget
  readonly bucket: BucketRecord
  readonly place: VersionPlace
  /** The key's own row. */
  readonly current: FoundObject | undefined
  /** What stands at the place, be it the key's only version. */
  readonly version: FoundObject | undefined
  /** Bytes on a row that may be written again: the version's, or the only version's, which others come beside. */
  readonly payload?: Uint8Array
  /** What replication knows of the version. */
  readonly replicationState: ReplicationStateRecord | undefined
  /** The version was removed for good, which is remembered. */
  readonly isRemoved: boolean
  readonly nowMs: number
  /** The time by which retentions end. */
  readonly lockMs: number
}

/** @throws {@link EngineError} `NoSuchBucket`; `InvalidRequest` unless versioning is enabled. */
export async function readForPlace(
  works: Works,
  draft: Draft,
  target: ObjectTarget,
  place: VersionPlace,
): Promise<PlaceState> {
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const { bucket, object: current } = await findObject(draft, target)
    checkLive(bucket, target)
    checkTakesReplicas(bucket)
    const rules = await rulesOfBucket(works, bucket)
    const { bucketId } = bucket
    const isOnly = current !== undefined && current.record.summary === undefined
    const [row, known, removed] = await Promise.all(
      [versionKey, replicationStateKey, removedVersionKey].map((keyOf) =>
        draft.get(keyOf(bucketId, target.key, place)),
      ),
    )
    const version = isOnly && isAt(current.record, place) ? current : row && foundObject(bucket, target, row)
    const state: PlaceState = {
      ...{ target, bucket, ...rules, place, current, version },
      replicationState: known && decodeReplicationState(known.value, 'the replication state of a version'),
      isRemoved: removed !== undefined,
      nowMs: works.clock.now(),
      lockMs: works.lockTime.nowMs(),
    }
    const again = version ?? (isOnly ? current : undefined)
    if (again === undefined || again.row.payloadBytes === 0) return state
    const payload = await works.kv.readPayload(again.row.key, again.row.revision)
    if (payload !== 'changed') return { ...state, payload }
  }
  throw busy(target)
}

const isAt = (record: ObjectRecord, place: VersionPlace): boolean =>
  Buffer.compare(placeOf(record), place) === 0

/** What a record keeps of its place: the rest of its identity is of this store. */
export function identityAt(
  { ids }: Pick<Works, 'ids'>,
  place: VersionPlace,
): Pick<ObjectRecord, 'recordId' | 'versionOrder' | 'isReplica'> {
  const recordId = new Uint8Array(place)
  // Their random part: another bucket of this store may have a record of the very place, made in this millisecond.
  recordId.set(ids.next().subarray(6, 12))
  return { recordId, versionOrder: orderOfPlace(place), isReplica: true }
}

/** What is told of it. Whether it is current, and would expire as that, is not looked at. */
export const infoAtPlace = (
  { target, bucket, replicationState }: PlaceState,
  record: ObjectRecord,
): ObjectInfo =>
  toObjectInfo(
    target.key,
    record,
    bucket,
    undefined,
    replicationState && replicationStatus(replicationState.targets),
  )

/** Puts a version at a place where nothing is. The newest place is the current version's, whichever came last. */
export function placeVersion(
  draft: Draft,
  state: PlaceState,
  record: ObjectRecord,
  payload?: Uint8Array,
): void {
  const { current } = state
  const isNewest = current === undefined || Buffer.compare(state.place, placeOf(current.record)) < 0
  const summary = current?.record.summary
  const moved = summary === undefined ? moveOnlyVersion(draft, state) : undefined
  const nullVersion = moved === undefined ? summary?.nullVersion : moved.nullVersion
  putVersion(draft, state, record, payload)
  if (isNewest) {
    putSummary(draft, state, record, nullVersion)
    lookAfterWrite(draft, state, record, current?.record)
  } else {
    // Also where it says what it said: who found which version comes behind which decides again.
    putSummary(draft, state, moved?.moved ?? current.record, nullVersion)
    lookSoon(draft, state)
  }
}
