import { invalidArgument } from '../s3-error.js'

/**
 * The only version of an object in a bucket without versioning is `null`. No other id was ever given out, so that
 * any other is malformed, and nothing is read or deleted under it.
 *
 * @throws {@link S3Error} `InvalidArgument`
 */
export function checkVersionId(versionId: string | undefined): void {
  if (versionId === undefined || versionId === 'null') return
  if (versionId === '') throw invalidArgument('Version id cannot be the empty string', 'versionId', versionId)
  throw invalidArgument('Invalid version id specified', 'versionId', versionId)
}
