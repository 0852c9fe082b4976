import { Buffer } from 'node:buffer'
import type { Draft } from '../catalog/draft.js'
import { type FoundObject, findObject, foundObject, type ObjectTarget } from '../catalog/find.js'
import { deletedKey, objectKey, versionKey } from '../catalog/keys.js'
import type { BucketRecord } from '../catalog/records/bucket-record.js'
import { encodeObject, type ObjectRecord } from '../catalog/records/object-record.js'
import { busy, EngineError } from '../errors.js'
import { limits } from '../limits.js'
import { nextOrder, placeOf, type VersionPlace } from '../rules/version-id.js'
import type { Works } from '../works.js'
import { type BucketRules, rulesOfBucket } from './bucket-rules.js'
import { carryVersion } from './carry.js'
import { commit, type Staged } from './commit.js'
import { lookAfterWrite } from './looks.js'
import { releaseBody } from './references.js'
import { forgetReplicationState } from './replication-state.js'

/** What a decision about one key finds: its bucket, and its current version if there is one. */
export interface ObjectState extends BucketRules {
  readonly target: ObjectTarget
  readonly bucket: BucketRecord
  /** The key's own row: its only version, or a summary of the current one. May be a delete marker. */
  readonly current: FoundObject | undefined
  /** Bytes of the only version, where a write would move it to a row among versions. */
  readonly payload?: Uint8Array
  /** The null version among others, where a write would take its place. */
  readonly nullVersion?: FoundObject
  readonly nowMs: number
}

/** Reads what any write to the key needs. */
export async function readForChange(works: Works, draft: Draft, target: ObjectTarget): Promise<ObjectState> {
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const { bucket, object: current } = await findObject(draft, target)
    checkLive(bucket, target)
    const rules = await rulesOfBucket(works, bucket)
    const state: ObjectState = { target, bucket, ...rules, current, nowMs: works.clock.now() }
    if (current === undefined || bucket.versioning === undefined) return state
    const { row, record } = current
    if (bucket.versioning === 'enabled') {
      if (record.summary !== undefined || row.payloadBytes === 0) return state
      const payload = await works.kv.readPayload(row.key, row.revision)
      if (payload !== 'changed') return { ...state, payload }
    } else {
      const place = record.summary?.nullVersion
      if (place === undefined) return state
      const found = await draft.get(versionKey(bucket.bucketId, target.key, place))
      if (found !== undefined) return { ...state, nullVersion: foundObject(bucket, target, found) }
    }
  }
  throw busy(target)
}

/** @throws {@link EngineError} `OperationAborted` */
export function checkLive(bucket: BucketRecord, target: ObjectTarget): void {
  if (bucket.state === 'deleting')
    throw new EngineError('OperationAborted', `Bucket "${target.bucket}" is being removed.`, {
      bucket: target.bucket,
      key: target.key,
    })
}

/** The version that a write would take the place of, if it would. */
export function replacedBy({ bucket, current, nullVersion }: ObjectState): FoundObject | undefined {
  if (bucket.versioning === 'enabled') return undefined
  return current?.record.summary === undefined ? current : nullVersion
}

/**
 * Makes the record the current version of its key, and returns it with its place among versions. Where versioning is
 * enabled the others stay; else it takes the null version's place, whose bytes are let go unless the record goes on
 * holding them.
 */
export function writeVersion(
  draft: Draft,
  state: ObjectState,
  record: ObjectRecord,
  payload?: Uint8Array,
  { keepsBody = false }: { keepsBody?: boolean } = {},
): ObjectRecord {
  const { bucket, current, nowMs } = state
  const replaced = replacedBy(state)
  if (replaced !== undefined) {
    if (!keepsBody) releaseBody(draft, replaced.record, nowMs)
    forgetReplicationState(draft, state, replaced.record)
  }
  const isEnabled = bucket.versioning === 'enabled'
  if (!isEnabled && current?.record.summary === undefined) {
    putCurrent(draft, state, record, payload)
    lookAfterWrite(draft, state, record, undefined)
    return record
  }
  if (replaced !== undefined) draft.delete(replaced.row.key)
  const before =
    current?.record.summary === undefined ? moveOnlyVersion(draft, state) : current.record.summary
  const version: ObjectRecord = {
    ...record,
    versionOrder: nextOrder(current?.record, nowMs),
    ...(isEnabled ? {} : { isNullVersion: true }),
  }
  const place = putVersion(draft, state, version, payload)
  putSummary(draft, state, version, isEnabled ? before.nullVersion : place)
  lookAfterWrite(draft, state, version, isReplaced(state, replaced) ? undefined : current?.record)
  carryVersion(draft, state, version)
  return version
}

/** Whether the version that was current is the very one that goes. */
const isReplaced = ({ current }: ObjectState, replaced: FoundObject | undefined): boolean =>
  current !== undefined &&
  replaced !== undefined &&
  Buffer.compare(current.record.recordId, replaced.record.recordId) === 0

/** Where there are no versions the object is gone. */
export function removeOnlyVersion(draft: Draft, { current, nowMs }: ObjectState): void {
  if (current === undefined) return
  draft.freesSpace = true
  releaseBody(draft, current.record, nowMs)
  draft.delete(current.row.key)
}

/** The only version of a key that gets another gets a row among versions. It keeps its identity, and so its body. */
export function moveOnlyVersion(
  draft: Draft,
  state: Pick<ObjectState, 'bucket' | 'target' | 'current' | 'payload'>,
): { nullVersion?: VersionPlace; moved?: ObjectRecord } {
  if (state.current === undefined) return {}
  const { record } = state.current
  const versionOrder = record.versionOrder ?? record.lastModifiedMs
  const moved = { ...record, versionOrder, isNullVersion: true }
  return { nullVersion: putVersion(draft, state, moved, state.payload), moved }
}

export function putVersion(
  draft: Draft,
  { bucket, target }: Pick<ObjectState, 'bucket' | 'target'>,
  version: ObjectRecord,
  payload: Uint8Array | undefined,
): VersionPlace {
  const place = placeOf(version)
  draft.put(versionKey(bucket.bucketId, target.key, place), encodeObject(version), payload)
  return place
}

/** Has the key's own row say that this version is the current one. */
export function putSummary(
  draft: Draft,
  state: Pick<ObjectState, 'bucket' | 'target' | 'current'>,
  version: ObjectRecord,
  nullVersion: VersionPlace | undefined,
): void {
  const summary = nullVersion === undefined ? {} : { nullVersion }
  putCurrent(draft, state, { ...version, shared: false, summary })
}

/** A delete marker stands in a family of its own: listings of objects never meet it. */
function putCurrent(
  draft: Draft,
  { bucket, target, current }: Pick<ObjectState, 'bucket' | 'target' | 'current'>,
  record: ObjectRecord,
  payload?: Uint8Array,
): void {
  const keyOf = record.isDeleteMarker ? deletedKey : objectKey
  if (current !== undefined && current.record.isDeleteMarker !== record.isDeleteMarker)
    draft.delete(current.row.key)
  draft.put(keyOf(bucket.bucketId, target.key), encodeObject(record), payload)
}

/** Names a key for its turn. A bucket created anew under the same name shares it, which is harmless. */
export const turnOf = (target: ObjectTarget): string => `${target.bucket}\0${target.key}`

/** Decides about one key and commits. */
export function changeObject<T>(
  works: Works,
  target: ObjectTarget,
  staged: readonly Staged[],
  decide: (state: ObjectState, draft: Draft) => T,
): Promise<T> {
  return commit(works, {
    turns: [turnOf(target)],
    staged,
    read: (draft) => readForChange(works, draft, target),
    decide,
  })
}
