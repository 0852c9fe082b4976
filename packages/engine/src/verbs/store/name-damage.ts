import {
  allBuckets,
  allObjects,
  bucketNameOf,
  objectNameOf,
  objectsOf,
  type RowKey,
} from '../../catalog/keys.js'
import { decodeBucket } from '../../catalog/records/bucket-record.js'
import { rowsUnder } from '../../catalog/scan.js'
import type { Finding } from '../../contract/store.js'
import { isEngineError } from '../../errors.js'
import type { KvDamage } from '../../kv/kv.js'
import type { Works } from '../../works.js'

/**
 * What damage beneath the rows means, by the name of the object it is about where it is one's.
 * Undefined where the object's own examination will tell of it, by the error that its reader gets.
 */
export async function nameDamage(
  works: Works,
  { code, detail, key }: KvDamage,
): Promise<Finding | undefined> {
  if (key === undefined) return { what: 'store', code, detail }
  const bucket = isUnder(allObjects(), key) ? await findBucketOf(works, key) : undefined
  if (bucket !== undefined)
    return code === 'DamagedPayload'
      ? undefined
      : { what: 'object', code, detail, bucket, key: objectNameOf(key) }
  const row = JSON.stringify(Buffer.from(key).toString('latin1'))
  return { what: 'store', code, detail: `${detail}, of the row ${row}` }
}

async function findBucketOf(works: Works, objectKey: RowKey): Promise<string | undefined> {
  for await (const { key, value } of rowsUnder(works.kv, allBuckets())) {
    try {
      if (isUnder(objectsOf(decodeBucket(value).bucketId), objectKey)) return bucketNameOf(key)
    } catch (error) {
      if (!isEngineError(error, 'CorruptRecord')) throw error // One that is damaged is told of in its turn.
    }
  }
  return undefined
}

const isUnder = (prefix: RowKey, key: RowKey): boolean =>
  Buffer.compare(key.subarray(0, prefix.byteLength), prefix) === 0
