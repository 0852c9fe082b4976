import type { UploadInfo } from '../contract/multipart.js'
import type { ActiveRules } from '../rules/lifecycle/active-rules.js'
import { firstOf, forecastsForUpload } from '../rules/lifecycle/forecast.js'
import { toReplicaOf } from '../rules/replication/replica-of.js'
import { formatUploadId } from './find.js'
import type { UploadRecord } from './records/upload-record.js'

/** @param lifecycle The bucket's rules, where they are to be told of it. */
export function toUploadInfo(
  key: string,
  uploadId: Uint8Array,
  record: UploadRecord,
  lifecycle?: ActiveRules,
): UploadInfo {
  const first = lifecycle && firstOf(forecastsForUpload(lifecycle, { key, initiatedMs: record.initiatedMs }))
  const { initiatedMs, ownerId, headers, checksumAlgorithm, checksumType, replicaOf } = record
  return {
    key,
    uploadId: formatUploadId(uploadId),
    initiated: new Date(initiatedMs),
    ...(ownerId && { ownerId }),
    ...(headers.storageClass && { storageClass: headers.storageClass }),
    ...(checksumAlgorithm && { checksumAlgorithm }),
    ...(checksumType && { checksumType }),
    ...(replicaOf && { replica: toReplicaOf(replicaOf) }),
    ...(first && { abort: { at: new Date(first.dueMs), ruleId: first.ruleId } }),
  }
}
