import { formatUploadId, getBucket, parseUploadId } from '../../catalog/find.js'
import { uploadsOf } from '../../catalog/keys.js'
import { listing } from '../../catalog/listing.js'
import { decodeUpload } from '../../catalog/records/upload-record.js'
import { toUploadInfo } from '../../catalog/upload-info.js'
import type { Listing, ListOptions } from '../../contract/listing.js'
import type { UploadInfo } from '../../contract/multipart.js'
import type { Works } from '../../works.js'

/** By key, then by the time they were begun. */
export function listUploads(
  works: Works,
  bucket: string,
  options: ListOptions,
): Listing<UploadInfo, 'upload'> {
  return listing(works.kv, options, async () => ({
    type: 'upload',
    family: uploadsOf((await getBucket(works.kv, bucket)).bucketId),
    idBytes: 16,
    parseId: parseUploadId,
    formatId: formatUploadId,
    read: (row, { key, id }) => toUploadInfo(key, id!, decodeUpload(row.value)),
  }))
}
