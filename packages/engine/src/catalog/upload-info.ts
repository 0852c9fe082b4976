import type { UploadInfo } from '../contract/multipart.js'
import { formatUploadId } from './find.js'
import type { UploadRecord } from './records/upload-record.js'

export function toUploadInfo(key: string, uploadId: Uint8Array, record: UploadRecord): UploadInfo {
  const { initiatedMs, ownerId, headers, checksumAlgorithm, checksumType } = record
  return {
    key,
    uploadId: formatUploadId(uploadId),
    initiated: new Date(initiatedMs),
    ...(ownerId && { ownerId }),
    ...(headers.storageClass && { storageClass: headers.storageClass }),
    ...(checksumAlgorithm && { checksumAlgorithm }),
    ...(checksumType && { checksumType }),
  }
}
