import type { Draft } from '../catalog/draft.js'
import { existingKey, resyncKey } from '../catalog/keys.js'
import type { BucketRecord } from '../catalog/records/bucket-record.js'
import { encodeResync, type ResyncRecord } from '../catalog/records/resync-record.js'

interface Begun {
  readonly targetId: Uint8Array
  readonly bucket: string
  readonly record: Pick<BucketRecord, 'bucketId'>
  readonly nowMs: number
}

const NONE = { versions: 0, bytes: 0 }

/** Has what a bucket held before its rules put in line for a target, from the beginning. What the target knows of is passed over. */
export function beginExisting(draft: Draft, { targetId, ...begun }: Begun): void {
  draft.put(existingKey(targetId), encodeResync(first(begun, { resyncId: '', untilMs: begun.nowMs })))
  draft.beginsResync = true
}

/** Has all that a bucket holds, and was written by then, put in line for a target anew. */
export function beginResync(
  draft: Draft,
  { targetId, resyncId, untilMs, ...begun }: Begun & { resyncId: string; untilMs: number },
): ResyncRecord {
  const record = first(begun, { resyncId, untilMs })
  draft.put(resyncKey(targetId), encodeResync(record))
  draft.beginsResync = true
  return record
}

const first = (
  { bucket, record: { bucketId }, nowMs }: Omit<Begun, 'targetId'>,
  { resyncId, untilMs }: { resyncId: string; untilMs: number },
): ResyncRecord => ({
  ...{ status: 'ongoing', bucket, bucketId, resyncId, untilMs, startedMs: nowMs, endedMs: 0 },
  ...{ family: 'objects', after: new Uint8Array(0), completed: NONE, failed: NONE },
})
