import type { Draft } from '../catalog/draft.js'
import { type FoundObject, findObject, type ObjectTarget } from '../catalog/find.js'
import { objectKey, type RowKey } from '../catalog/keys.js'
import type { BucketRecord } from '../catalog/records/bucket-record.js'
import { encodeObject, type ObjectRecord } from '../catalog/records/object-record.js'
import { EngineError } from '../errors.js'
import type { Works } from '../works.js'
import { commit, type Staged } from './commit.js'
import { releaseBody } from './references.js'

/** What a decision about one key finds: its bucket, and its current object if there is one. */
export interface ObjectState {
  readonly target: ObjectTarget
  readonly bucket: BucketRecord
  readonly current: FoundObject | undefined
  readonly nowMs: number
}

export async function readForChange(works: Works, draft: Draft, target: ObjectTarget): Promise<ObjectState> {
  const { bucket, object } = await findObject(draft, target)
  if (bucket.state === 'deleting')
    throw new EngineError('OperationAborted', `Bucket "${target.bucket}" is being removed.`, target)
  return { target, bucket, current: object, nowMs: works.clock.now() }
}

/** Makes the record the current object of its key; the bytes of the one it replaces are let go. */
export function writeObject(
  draft: Draft,
  state: ObjectState,
  record: ObjectRecord,
  payload?: Uint8Array,
): void {
  if (state.current !== undefined) releaseBody(draft, state.current.record, state.nowMs)
  draft.put(keyOf(state), encodeObject(record), payload)
}

export function removeObject(draft: Draft, state: ObjectState): void {
  if (state.current === undefined) return
  draft.freesSpace = true
  releaseBody(draft, state.current.record, state.nowMs)
  draft.delete(keyOf(state))
}

export const keyOf = (state: ObjectState): RowKey => objectKey(state.bucket.bucketId, state.target.key)

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
