import type { ObjectInfo } from '@aquifer/engine'
import { toldBucket } from '../events/told-bucket.js'
import type { Call } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { readVersionId } from '../wire/version-id.js'

const names = {
  retention: 's3:ObjectAccessed:GetRetention',
  legalHold: 's3:ObjectAccessed:GetLegalHold',
} as const

/**
 * An object of which this was set, in a bucket where it can be.
 *
 * @throws {@link S3Error} `InvalidRequest`, `NoSuchObjectLockConfiguration`
 */
export async function readLockedObject<K extends 'retention' | 'legalHold'>(
  call: Call,
  what: K,
): Promise<ObjectInfo & Required<Pick<ObjectInfo, K>>> {
  const { target, query, signal } = call
  const version = readVersionId(query.get('versionId'))
  const bucket = toldBucket(call, names[what])
  const info = await bucket.head(target.key, { ...version, signal })
  if (info[what] !== undefined) return info as ObjectInfo & Required<Pick<ObjectInfo, K>>
  if ((await bucket.getConfiguration('objectLock', { signal })) === undefined)
    throw new S3Error('InvalidRequest', 'Bucket is missing Object Lock Configuration')
  throw new S3Error(
    'NoSuchObjectLockConfiguration',
    'The specified object does not have a ObjectLock configuration',
  )
}
