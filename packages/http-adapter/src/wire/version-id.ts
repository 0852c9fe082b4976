import { isVersionId } from '@aquifer/engine'
import { invalidArgument } from '../s3-error.js'

/**
 * The version that a request names.
 *
 * @throws {@link S3Error} `InvalidArgument`
 */
export function readVersionId(versionId: string | undefined): { versionId?: string } {
  if (versionId === undefined) return {}
  if (versionId === '') throw invalidArgument('Version id cannot be the empty string', 'versionId', versionId)
  if (!isVersionId(versionId)) throw invalidArgument('Invalid version id specified', 'versionId', versionId)
  return { versionId }
}

/** In a bucket whose versioning was never set there are no ids to tell of. */
export const writeVersionId = (
  versionId: string | undefined,
  header = 'x-amz-version-id',
): Record<string, string> => (versionId === undefined ? {} : { [header]: versionId })
