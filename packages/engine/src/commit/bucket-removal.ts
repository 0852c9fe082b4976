import type { Draft } from '../catalog/draft.js'
import { afterAllUnder, bucketKey, deletedOf, objectsOf, uploadsOf, versionsOf } from '../catalog/keys.js'
import { type BucketRecord, decodeBucket, encodeBucket } from '../catalog/records/bucket-record.js'
import type { RemoveBucketOptions } from '../contract/bucket.js'
import type { Caused } from '../contract/events.js'
import { EngineError, noSuchBucket } from '../errors.js'
import type { Row } from '../kv/kv.js'
import { limits } from '../limits.js'
import { addEvent } from '../outbox/add-event.js'
import type { Works } from '../works.js'
import { changeBucket } from './bucket-change.js'
import { commit } from './commit.js'

/**
 * The bucket goes at once, with all that is in it: what it held is found by its id, which no other bucket gets, and let
 * go of behind it.
 */
export async function removeAtOnce(works: Works, name: string, origin?: Caused['origin']): Promise<void> {
  await changeBucket(works, name, ({ row, record }, draft) => {
    if (record.objectLock !== undefined)
      throw new EngineError(
        'InvalidBucketState',
        `Bucket "${name}" has object lock: it is removed only when it is empty.`,
        { bucket: name },
      )
    draft.freesSpace = true
    leave(works, draft, { name, row, record }, origin)
  })
  works.rightsChanges.add() // Its policy went with it.
}

function leave(
  works: Works,
  draft: Draft,
  { name, row, record }: { name: string; row: Row; record: BucketRecord },
  origin: Caused['origin'],
): void {
  const { bucketId } = record
  const nowMs = works.clock.now()
  draft.delete(row.key)
  draft.defer(nowMs, bucketId, { kind: 'bucket', bucketId })
  const { subscriptionRules: rules } = works.outbox
  const state = { target: { bucket: name, key: '' }, bucket: record, rules, nowMs }
  addEvent(works, draft, state, { name: 's3:BucketRemoved:*', origin })
}

/** Marks the bucket, so that no write can join it. The mark does not outlive its process: reclaim sees to that. */
export function beginRemoval(works: Works, name: string): Promise<void> {
  return change(works, name, (found, draft) => {
    if (found === undefined) throw noSuchBucket(name)
    draft.put(found.row.key, encodeBucket({ ...found.record, state: 'deleting' }))
    draft.defer(works.clock.now(), works.ids.next(), { kind: 'bucket-removal', bucket: name })
  })
}

/**
 * Goes on with a removal that was begun, by whomever. True if the bucket has gone; false if it holds something
 * and stays.
 */
export async function finishRemoval(
  works: Works,
  name: string,
  { origin, uploads = 'abort' }: Pick<RemoveBucketOptions, 'uploads'> & Caused = {},
): Promise<boolean> {
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const row = await works.kv.get(bucketKey(name))
    if (row === undefined) return true
    const { state, bucketId } = decodeBucket(row.value, `bucket "${name}"`)
    if (state !== 'deleting') return false
    const isEmpty = await holdsNothing(works, bucketId, uploads)
    const isDecided = await change(works, name, (found, draft) => {
      // Another removal took the mark back meanwhile: what was seen empty may hold objects by now.
      if (found?.row.revision !== row.revision) return false
      if (isEmpty) {
        leave(works, draft, { name, row, record: found.record }, origin)
      } else {
        draft.put(row.key, encodeBucket({ ...found.record, state: 'live' }))
      }
      return true
    })
    if (isDecided) {
      works.rightsChanges.add() // Its policy went with it.
      return isEmpty
    }
  }
  throw new EngineError('OperationAborted', `Others kept changing bucket "${name}". Try again.`, {
    bucket: name,
  })
}

/** Old versions and delete markers are something, too. */
async function holdsNothing(
  works: Works,
  bucketId: Uint8Array,
  uploads: RemoveBucketOptions['uploads'],
): Promise<boolean> {
  const families = [objectsOf(bucketId), deletedOf(bucketId), versionsOf(bucketId)]
  if (uploads === 'refuse') families.push(uploadsOf(bucketId))
  for (const family of families) {
    const { rows } = await works.kv.scan({ from: family, to: afterAllUnder(family), limit: 1 })
    if (rows.length > 0) return false
  }
  return true
}

function change<T>(
  works: Works,
  name: string,
  decide: (found: { row: Row; record: BucketRecord } | undefined, draft: Draft) => T,
): Promise<T> {
  return commit(works, {
    turns: [name],
    read: (draft) => draft.get(bucketKey(name)),
    decide: (row, draft) => {
      draft.freesSpace = true
      return decide(row && { row, record: decodeBucket(row.value, `bucket "${name}"`) }, draft)
    },
  })
}
