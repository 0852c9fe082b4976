import type { ReplicationConfiguration } from '@aquifer/engine'
import type { Call } from '../operation.js'
import { S3Error } from '../s3-error.js'

/** @throws {@link S3Error} `ReplicationConfigurationNotFoundError` */
export async function getReplicationConfiguration({
  engine,
  target,
  signal,
}: Pick<Call, 'engine' | 'target' | 'signal'>): Promise<ReplicationConfiguration> {
  const found = await engine.bucket(target.bucket).getConfiguration('replication', { signal })
  if (found !== undefined) return found
  throw new S3Error('ReplicationConfigurationNotFoundError', 'The replication configuration was not found', {
    BucketName: target.bucket,
  })
}
