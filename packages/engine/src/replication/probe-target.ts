import type { BucketRecord } from '../catalog/records/bucket-record.js'
import type { ReplicationTarget, ReplicationTargetFacts } from '../contract/replication.js'
import { type ReplicationRefusal, replicationTargetRefused } from '../errors.js'
import { limits } from '../limits.js'
import { within } from '../outbox/within.js'
import { ReplicationError } from '../replication-error.js'
import { bucketInstanceId } from '../rules/bucket-id.js'
import type { Works } from '../works.js'

/**
 * Calls a target and says what it is like, if it can be one of this bucket's.
 *
 * @throws {@link EngineError} `ReplicationTargetRefused`
 */
export async function probeTarget(
  { opening }: Pick<Works, 'opening'>,
  arn: string,
  connection: ReplicationTarget | string,
  source: BucketRecord,
  signal: AbortSignal | undefined,
): Promise<ReplicationTargetFacts> {
  const refused = (reason: ReplicationRefusal, message: string, cause?: unknown) =>
    replicationTargetRefused(arn, reason, message, cause)
  if (typeof connection === 'string') throw refused('Refused', connection)
  let facts: ReplicationTargetFacts
  try {
    facts = await within(limits.replicationProbeTimeoutMs, signal, (signal) => connection.probe({ signal }))
  } catch (error) {
    signal?.throwIfAborted()
    const message = error instanceof Error ? error.message : String(error)
    throw refused(refusalOf(error), `The replication target cannot be used: ${message}`, error)
  }
  if (facts.instanceId === bucketInstanceId(source.bucketId, opening))
    throw refused('SameBucket', 'The replication target is the very bucket that would be carried over.')
  if (facts.versioning !== 'enabled')
    throw refused('NotVersioned', 'The bucket of the replication target has no versioning enabled.')
  if (source.objectLock === true && !facts.objectLock)
    throw refused('NoObjectLock', 'The bucket has object lock, and that of the replication target has not.')
  return facts
}

function refusalOf(error: unknown): ReplicationRefusal {
  if (!(error instanceof ReplicationError)) return 'Unreachable'
  switch (error.code) {
    case 'AccessDenied':
    case 'NoSuchBucket':
    case 'Unreachable':
      return error.code
    case 'InvalidBucketState':
      return 'NotVersioned'
    default:
      return 'Refused'
  }
}
