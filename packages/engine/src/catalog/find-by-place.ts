import { Buffer } from 'node:buffer'
import type { Awaitable, KvStore, Row } from '../kv/kv.js'
import { placeOf, type VersionPlace } from '../rules/version-id.js'
import type { Draft } from './draft.js'
import { type FoundObject, foundObject, type ObjectTarget } from './find.js'
import { deletedKey, objectKey, versionKey } from './keys.js'
import type { BucketRecord } from './records/bucket-record.js'

/**
 * The version that has, or as one of several would have, this place among those of its key, the null version too.
 *
 * @param draft The commit rests on what was found: also on that there is none.
 */
export async function findByPlace(
  kv: KvStore,
  bucket: BucketRecord,
  target: ObjectTarget,
  place: VersionPlace,
  draft?: Draft,
): Promise<FoundObject | undefined> {
  const { bucketId } = bucket
  const keys = {
    among: versionKey(bucketId, target.key, place),
    alone: [objectKey(bucketId, target.key), deletedKey(bucketId, target.key)],
  }
  // A key that gets its second version leaves its own row for one among versions, never the other way: what is not found in this
  // order may just have been moved, and then is found by looking again.
  for (const isAgain of [false, true]) {
    const row = await (kv.get(keys.among) as Awaitable<Row | undefined>)
    if (row !== undefined) return found(row)
    if (isAgain) break
    for (const key of keys.alone) {
      const row = await kv.get(key)
      if (row === undefined) continue
      const object = foundObject(bucket, target, row)
      if (object.record.summary === undefined && Buffer.compare(placeOf(object.record), place) === 0)
        return found(row)
    }
  }
  draft?.check(keys.among, undefined)
  return undefined

  function found(row: Row): FoundObject {
    draft?.check(row.key, row)
    return foundObject(bucket, target, row)
  }
}
