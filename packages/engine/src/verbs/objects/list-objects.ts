import { getBucket } from '../../catalog/find.js'
import { objectsOf } from '../../catalog/keys.js'
import { listing } from '../../catalog/listing.js'
import { toObjectInfo } from '../../catalog/object-info.js'
import { decodeObject } from '../../catalog/records/object-record.js'
import type { Listing, ListOptions } from '../../contract/listing.js'
import type { ObjectInfo } from '../../contract/object.js'
import type { Works } from '../../works.js'

export function listObjects(
  works: Works,
  bucket: string,
  options: ListOptions,
): Listing<ObjectInfo, 'object'> {
  return listing(works.kv, options, async () => {
    const record = await getBucket(works.kv, bucket)
    return {
      type: 'object',
      family: objectsOf(record.bucketId),
      read: (row, { key }) => toObjectInfo(key, decodeObject(row.value, `object "${bucket}/${key}"`), record),
    }
  })
}
