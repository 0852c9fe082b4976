import type { Draft } from '../catalog/draft.js'
import { findObject, type ObjectTarget } from '../catalog/find.js'
import { toObjectInfo } from '../catalog/object-info.js'
import type { Body } from '../catalog/records/body.js'
import type { ObjectRecord } from '../catalog/records/object-record.js'
import { statusOfNew } from '../commit/carry.js'
import { type ObjectState, writeVersion } from '../commit/object-change.js'
import { referToBody } from '../commit/references.js'
import type { Attributes, ObjectInfo, WriteConditions } from '../contract/object.js'
import { addEvent, type Happening } from '../outbox/add-event.js'
import { checkAttributes } from '../rules/attributes.js'
import { checkKeyName } from '../rules/key-name.js'
import { lockOfNewVersion } from '../rules/object-lock.js'
import { checkWriteConditions } from '../rules/write-conditions.js'
import type { Works } from '../works.js'
import { newObject } from './new-object.js'
import type { StagedBody } from './stage.js'

/** Bytes that came in one piece, and what they are to be for one object. */
export interface NewBytes {
  readonly staged: StagedBody
  /** The body that several objects are to share. Absent where the object has the bytes for itself. */
  readonly shared?: Exclude<Body, { kind: 'inline' }>
}

/** What no state of the store could make right. */
export function checkObjectAsked({ key }: ObjectTarget, attributes: Attributes): void {
  checkKeyName(key)
  checkAttributes(attributes)
}

/** Spares a long upload what {@link writeObject} would refuse as things are; decides nothing. */
export async function checkObjectEarly(
  works: Works,
  target: ObjectTarget,
  options: Attributes & WriteConditions,
): Promise<void> {
  const { bucket, object } = await findObject(works.kv, target)
  checkWriteConditions(options, object?.record, target)
  lockOfNewVersion(bucket, options, works.clock.now())
}

/** Decides about one key that is to hold the bytes, whether it is one alone or one of many. */
export function writeObject(
  works: Works,
  draft: Draft,
  state: ObjectState,
  { staged, shared }: NewBytes,
  options: Attributes & WriteConditions,
  happening: Omit<Happening, 'record'>,
): ObjectInfo {
  checkWriteConditions(options, state.current?.record, state.target)
  const record: ObjectRecord = {
    ...newObject(works, staged, options, state.nowMs),
    ...lockOfNewVersion(state.bucket, options, state.nowMs),
    ...(shared === undefined ? {} : { body: shared, shared: true }),
  }
  if (shared !== undefined) referToBody(draft, shared.bodyId, record.recordId)
  const version = writeVersion(draft, state, record, staged.payload)
  addEvent(works, draft, state, { ...happening, record: version })
  return toObjectInfo(state.target.key, version, state.bucket, state.lifecycle, statusOfNew(state, version))
}
