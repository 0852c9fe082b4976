import { getBucket } from '../../catalog/find.js'
import { objectsOf } from '../../catalog/keys.js'
import { listing } from '../../catalog/listing.js'
import { toObjectInfo, toObjectSummary } from '../../catalog/object-info.js'
import { decodeObject, ObjectView } from '../../catalog/records/object-record.js'
import type { Listing, ListOptions } from '../../contract/listing.js'
import type { ObjectInfo, ObjectSummary } from '../../contract/object.js'
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
      read: ({ value }, { key }) => toObjectInfo(key, decodeObject(value, labelOf(bucket, key)), record),
    }
  })
}

/** Hardly more of each record is read than the answer holds. */
export function listObjectSummaries(
  works: Works,
  bucket: string,
  options: ListOptions,
): Listing<ObjectSummary, 'object'> {
  return listing(works.kv, options, async () => {
    const { bucketId } = await getBucket(works.kv, bucket)
    return {
      type: 'object',
      family: objectsOf(bucketId),
      read: ({ value }, { key }) => toObjectSummary(key, new ObjectView(value, labelOf(bucket, key))),
    }
  })
}

const labelOf = (bucket: string, key: string): string => `object "${bucket}/${key}"`
