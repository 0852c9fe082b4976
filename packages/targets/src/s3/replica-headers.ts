import type { FactTimes, OutgoingVersion } from '@aquifer/engine'

type Headers = Record<string, string>

/** What Aquifers say to each other of a version that one has made and the other is to keep as it is. */
export const replicationRequest: Headers = { 'x-minio-source-replication-request': 'true' }

export const replicaHeaders = ({ info, changed }: OutgoingVersion): Headers => ({
  ...replicationRequest,
  'x-amz-replication-status': 'REPLICA',
  'x-minio-source-mtime': info.lastModified.toISOString(),
  'x-minio-source-etag': info.etag,
  ...changeHeaders(changed),
})

export const changeHeaders = ({ tags, retention, legalHold }: FactTimes): Headers => ({
  ...(tags && { 'x-minio-source-replication-tagging-timestamp': tags.toISOString() }),
  ...(retention && { 'x-minio-source-replication-retention-timestamp': retention.toISOString() }),
  ...(legalHold && { 'x-minio-source-replication-legalhold-timestamp': legalHold.toISOString() }),
})
