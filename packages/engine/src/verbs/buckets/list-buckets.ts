import { toBucketInfo } from '../../catalog/bucket-info.js'
import { allBuckets } from '../../catalog/keys.js'
import { listing } from '../../catalog/listing.js'
import { decodeBucket } from '../../catalog/records/bucket-record.js'
import type { BucketInfo } from '../../contract/bucket.js'
import type { Listing, ListOptions } from '../../contract/listing.js'
import type { Works } from '../../works.js'

export function listBuckets(works: Works, options: ListOptions): Listing<BucketInfo, 'bucket'> {
  return listing(works.kv, options, async () => ({
    type: 'bucket',
    family: allBuckets(),
    read: (row, { key }) => toBucketInfo(key, decodeBucket(row.value, `bucket "${key}"`)),
  }))
}
