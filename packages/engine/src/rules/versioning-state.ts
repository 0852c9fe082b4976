import type { Versioning } from '../contract/configuration.js'
import { EngineError } from '../errors.js'

/** What a bucket is, as far as a change of its versioning asks. */
export interface VersioningFacts {
  readonly objectLock?: boolean
  /** There, if it has rules for replication. */
  readonly replicationId?: Uint8Array
}

/**
 * Whether a bucket's versioning may become this. Source: S3 API Reference, PutBucketVersioning; S3 User Guide,
 * "Object Lock considerations".
 *
 * @throws {@link EngineError} `IllegalVersioningConfigurationException`, `InvalidBucketState`
 */
export function checkVersioningChange(
  bucket: string,
  { objectLock, replicationId }: VersioningFacts,
  wanted: Versioning | undefined,
): Versioning {
  if (wanted !== 'enabled' && wanted !== 'suspended')
    throw new EngineError(
      'IllegalVersioningConfigurationException',
      'Versioning can be enabled or suspended, and nothing else.',
      { bucket },
    )
  if (wanted === 'suspended' && objectLock === true)
    throw new EngineError('InvalidBucketState', 'Versioning cannot be suspended where object lock is on.', {
      bucket,
    })
  if (wanted === 'suspended' && replicationId !== undefined)
    throw new EngineError(
      'InvalidBucketState',
      'Versioning cannot be suspended while there is a replication configuration.',
      { bucket },
    )
  return wanted
}
