import type { Call } from '../operation.js'
import { invalidArgument, S3Error } from '../s3-error.js'

/**
 * The target that a request names, one of its own bucket's: the right that it has is to that bucket.
 *
 * @throws {@link S3Error} `InvalidArgument`, `XMinioAdminRemoteTargetNotFoundError`
 */
export async function targetOfBucket({ engine, target, query, signal }: Call): Promise<string> {
  const arn = query.get('arn')
  if (!arn) throw invalidArgument('The ARN of a target must be named.', 'arn', arn)
  const targets = await engine.replication.status({ bucket: target.bucket, signal })
  if (targets.some((found) => found.arn === arn)) return arn
  throw new S3Error('XMinioAdminRemoteTargetNotFoundError', `The bucket has no replication target "${arn}".`)
}
