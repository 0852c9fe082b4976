import { Buffer } from 'node:buffer'
import type { Draft } from '../catalog/draft.js'
import { type FoundObject, findObject, foundObject, type ObjectTarget } from '../catalog/find.js'
import { removedVersionKey, replicationStateKey, versionKey } from '../catalog/keys.js'
import { toObjectInfo } from '../catalog/object-info.js'
import type { BucketRecord } from '../catalog/records/bucket-record.js'
import type { ObjectRecord } from '../catalog/records/object-record.js'
import { decodeRemovedVersion, type RemovedVersionRecord } from '../catalog/records/removed-version-record.js'
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
  /** The place is before all that there are. That there are none before the current version's, its row says. */
  readonly isNewest: boolean
  /** What stands at the place, be it the key's only version. */
  readonly version: FoundObject | undefined
  /** Bytes on a row that may be written again: the version's, or the only version's, which others come beside. */
  readonly payload?: Uint8Array
  /** What replication knows of the version: nothing of one that is not there. */
  readonly replicationState: ReplicationStateRecord | undefined
  /** The version was removed for good, which is remembered until it is there again. */
  readonly removed: RemovedVersionRecord | undefined
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
    const isNewest = current === undefined || Buffer.compare(place, placeOf(current.record)) < 0
    const version = isNewest ? undefined : await findNotNewer(draft, current, target, place)
    const keyOf = version === undefined ? removedVersionKey : replicationStateKey
    const said = await draft.get(keyOf(bucket.bucketId, target.key, place))
    const state: PlaceState = {
      ...{ target, bucket, ...rules, place, current, isNewest, version },
      replicationState:
        version === undefined || said === undefined
          ? undefined
          : decodeReplicationState(said.value, `replication of "${target.key}"`),
      removed: version === undefined && said !== undefined ? decodeRemovedVersion(said.value) : undefined,
      nowMs: works.clock.now(),
      lockMs: works.lockTime.nowMs(),
    }
    const again = version ?? (current?.record.summary === undefined ? current : undefined)
    if (again === undefined || again.row.payloadBytes === 0) return state
    const payload = await works.kv.readPayload(again.row.key, again.row.revision)
    if (payload !== 'changed') return { ...state, payload }
  }
  throw busy(target)
}

/** What stands at a place that is not before the current version's: that, or one behind it. */
async function findNotNewer(
  draft: Draft,
  current: FoundObject,
  target: ObjectTarget,
  place: VersionPlace,
): Promise<FoundObject | undefined> {
  const { bucket, record } = current
  if (record.summary === undefined) return Buffer.compare(placeOf(record), place) === 0 ? current : undefined
  const row = await draft.get(versionKey(bucket.bucketId, target.key, place))
  return row && foundObject(bucket, target, row)
}

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
  const { current, isNewest } = state
  const summary = current?.record.summary
  const moved = summary === undefined ? moveOnlyVersion(draft, state) : undefined
  const nullVersion = moved === undefined ? summary?.nullVersion : moved.nullVersion
  putVersion(draft, state, record, payload)
  if (isNewest) {
    putSummary(draft, state, record, nullVersion)
    lookAfterWrite(draft, state, record, current?.record)
  } else {
    // Also where it says what it said: who found which version comes behind which decides again.
    putSummary(draft, state, moved?.moved ?? current!.record, nullVersion)
    lookSoon(draft, state)
  }
}
