import { newObject } from '../../bodies/new-object.js'
import type { StagedBody } from '../../bodies/stage.js'
import type { Draft } from '../../catalog/draft.js'
import { toObjectInfo } from '../../catalog/object-info.js'
import type { Body } from '../../catalog/records/body.js'
import type { ObjectRecord } from '../../catalog/records/object-record.js'
import { type ObjectState, writeVersion } from '../../commit/object-change.js'
import { referToBody } from '../../commit/references.js'
import type { FanOutTarget, ObjectInfo } from '../../contract/object.js'
import { lockOfNewVersion } from '../../rules/object-lock.js'
import { checkWriteConditions } from '../../rules/write-conditions.js'
import type { Works } from '../../works.js'

/** What the targets of a fan-out have in common: their bytes, by value or in a body that they share. */
export interface CommonBody {
  readonly staged: StagedBody
  /** Absent where each has the bytes on its own row. */
  readonly shared?: Exclude<Body, { kind: 'inline' }>
}

/** Decides about one target, as a put of the same bytes would. */
export function writeTarget(
  works: Works,
  draft: Draft,
  state: ObjectState,
  { staged, shared }: CommonBody,
  options: FanOutTarget,
): ObjectInfo {
  checkWriteConditions(options, state.current?.record, state.target)
  const record: ObjectRecord = {
    ...newObject(works, staged, options, state.nowMs),
    ...lockOfNewVersion(state.bucket, options, state.nowMs),
    ...(shared === undefined ? {} : { body: shared, shared: true }),
  }
  if (shared !== undefined) referToBody(draft, shared.bodyId, record.recordId)
  const version = writeVersion(draft, state, record, staged.payload)
  return toObjectInfo(state.target.key, version, state.bucket)
}
