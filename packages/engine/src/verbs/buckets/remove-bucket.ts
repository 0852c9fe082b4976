import type { Draft } from '../../catalog/draft.js'
import { afterAllUnder, allBuckets, bucketKey, bucketNameOf, objectsOf } from '../../catalog/keys.js'
import { type BucketRecord, decodeBucket, encodeBucket } from '../../catalog/records/bucket-record.js'
import { rowsUnder } from '../../catalog/scan.js'
import { commit } from '../../commit/commit.js'
import type { Cancel } from '../../contract/source.js'
import { EngineError, noSuchBucket } from '../../errors.js'
import type { Works } from '../../works.js'

/**
 * In three steps, each a commit: mark the bucket, so that no write can join it; see that it is empty; remove
 * it, or take the mark back. A crash in between is finished at the next open. Unfinished uploads do not keep a
 * bucket alive: they are aborted behind it.
 */
export async function removeBucket(works: Works, name: string, { signal }: Cancel): Promise<void> {
  signal?.throwIfAborted()
  await change(works, name, (record, key, draft) => {
    draft.put(key, encodeBucket({ ...record, state: 'deleting' }))
  })
  if (!(await finishRemoval(works, name)))
    throw new EngineError('BucketNotEmpty', `Bucket "${name}" still holds objects.`, { bucket: name })
}

/** Goes on with a removal that was begun. True if the bucket has gone; false if it holds something and stays. */
async function finishRemoval(works: Works, name: string): Promise<boolean> {
  const row = await works.kv.get(bucketKey(name))
  if (row === undefined) return true
  const objects = objectsOf(decodeBucket(row.value).bucketId)
  const { rows } = await works.kv.scan({ from: objects, to: afterAllUnder(objects), limit: 1 })
  const empty = rows.length === 0
  return change(works, name, (record, key, draft) => {
    // Another removal took the mark back meanwhile: what was seen empty may hold objects by now.
    if (record.state !== 'deleting') return false
    if (empty) {
      draft.delete(key)
      draft.defer(works.clock.now(), record.bucketId, { kind: 'bucket', bucketId: record.bucketId })
    } else {
      draft.put(key, encodeBucket({ ...record, state: 'live' }))
    }
    return empty
  })
}

function change<T>(
  works: Works,
  name: string,
  decide: (record: BucketRecord, key: Uint8Array, draft: Draft) => T,
): Promise<T> {
  const key = bucketKey(name)
  return commit(works, {
    turns: [name],
    read: (draft) => draft.get(key),
    decide: (row, draft) => {
      if (row === undefined) throw noSuchBucket(name)
      return decide(decodeBucket(row.value, `bucket "${name}"`), key, draft)
    },
  })
}

/** At open: finishes, or takes back, removals that a crash interrupted. */
export async function finishRemovals(works: Works): Promise<void> {
  for await (const row of rowsUnder(works.kv, allBuckets()))
    if (decodeBucket(row.value).state === 'deleting') await finishRemoval(works, bucketNameOf(row.key))
}
