import type { Undecided } from './authorization/rights.js'
import { S3Error } from './s3-error.js'

/**
 * Holds a caller to whom he believes a bucket belongs to, so that he neither reads from nor writes to one that
 * another took under the same name.
 *
 * @throws {@link S3Error} `AccessDenied`; {@link EngineError} `NoSuchBucket`
 */
export async function checkExpectedOwner(
  { engine, headers, settings, signal }: Undecided,
  header: 'x-amz-expected-bucket-owner' | 'x-amz-source-expected-bucket-owner',
  bucket: string,
): Promise<void> {
  const expected = headers.get(header)
  if (expected === undefined) return
  const { ownerId } = await engine.bucket(bucket).info({ signal })
  if (expected !== (ownerId ?? settings.owner.id)) throw new S3Error('AccessDenied', 'Access Denied')
}
