import { isEngineError, type ObjectInfo, type ReplicaFacts } from '@aquifer/engine'
import { toldBucket } from '../events/told-bucket.js'
import type { Call, Reply } from '../operation.js'
import { S3Error } from '../s3-error.js'
import type { readCopySource } from '../wire/copy-source.js'
import { readBypass } from '../wire/object-lock.js'
import { copyReply } from './copy-reply.js'

/** A copy of a version onto itself, by another store: no bytes, but what is said of it there. */
export async function mergeReplica(
  call: Call,
  source: ReturnType<typeof readCopySource>,
  facts: ReplicaFacts,
): Promise<Reply> {
  const { target } = call
  const { versionId } = facts
  if (source.bucket !== target.bucket || source.key !== target.key || source.versionId !== versionId)
    throw new S3Error('InvalidRequest', 'A version of another store is copied onto itself, or not at all.')
  return copyReply({ ...(await merge(call, facts)), sourceVersionId: versionId })
}

/** That a version is not there is told to whoever may bring it, and would see by that. */
async function merge(call: Call, facts: ReplicaFacts): Promise<ObjectInfo> {
  const { key } = call.target
  const { versionId } = facts
  const bypassGovernance = await readBypass(call, { key, versionId })
  try {
    return await toldBucket(call).mergeReplica(key, facts, { bypassGovernance, signal: call.signal })
  } catch (error) {
    if (!isEngineError(error, 'NoSuchVersion') && !isEngineError(error, 'NoSuchKey')) throw error
    throw new S3Error('NoSuchVersion', 'The specified version does not exist.', {
      Key: key,
      VersionId: versionId,
    })
  }
}
