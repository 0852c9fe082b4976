import {
  allBuckets,
  allDeleted,
  allExtents,
  allObjects,
  allVersions,
  bucketNameOf,
  objectNameOf,
  type RowKey,
  versionNameOf,
} from '../../catalog/keys.js'
import { decodeBucket } from '../../catalog/records/bucket-record.js'
import { rowsUnder } from '../../catalog/scan.js'
import type { Finding } from '../../contract/store.js'
import { isEngineError } from '../../errors.js'
import type { KvDamage } from '../../kv/kv.js'
import { formatPlace } from '../../rules/version-id.js'
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
  // Every object or part that has bytes in the payload of a row of extents is examined, and told of by its own name.
  if (code === 'DamagedPayload' && isUnder(allExtents(), key)) return undefined
  const isObjects = [allObjects(), allDeleted(), allVersions()].some((family) => isUnder(family, key))
  const bucket = isObjects ? await findBucketOf(works, key) : undefined
  if (bucket !== undefined)
    return code === 'DamagedPayload' ? undefined : { what: 'object', code, detail, bucket, ...nameOf(key) }
  const row = JSON.stringify(Buffer.from(key).toString('latin1'))
  return { what: 'store', code, detail: `${detail}, of the row ${row}` }
}

function nameOf(key: RowKey): { key: string; versionId?: string } {
  if (!isUnder(allVersions(), key)) return { key: objectNameOf(key) }
  const { key: name, place } = versionNameOf(key)
  return { key: name, versionId: formatPlace(place) }
}

/** Objects, the deleted and versions all have their bucket's id behind the letter of their family. */
async function findBucketOf(works: Works, key: RowKey): Promise<string | undefined> {
  for await (const { key: bucketKey, value } of rowsUnder(works.kv, allBuckets())) {
    try {
      if (isUnder(decodeBucket(value).bucketId, key.subarray(1))) return bucketNameOf(bucketKey)
    } catch (error) {
      if (!isEngineError(error, 'CorruptRecord')) throw error // One that is damaged is told of in its turn.
    }
  }
  return undefined
}

const isUnder = (prefix: RowKey, key: RowKey): boolean =>
  Buffer.compare(key.subarray(0, prefix.byteLength), prefix) === 0
