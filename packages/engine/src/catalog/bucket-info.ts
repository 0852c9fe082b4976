import type { BucketInfo } from '../contract/bucket.js'
import type { BucketRecord } from './records/bucket-record.js'

export function toBucketInfo(name: string, record: BucketRecord): BucketInfo {
  return {
    name,
    created: new Date(record.createdMs),
    ...(record.ownerId === undefined ? {} : { ownerId: record.ownerId }),
  }
}
