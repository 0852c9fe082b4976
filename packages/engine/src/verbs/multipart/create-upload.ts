import { findObject, formatUploadId, type ObjectTarget } from '../../catalog/find.js'
import { uploadKey } from '../../catalog/keys.js'
import { encodeUpload } from '../../catalog/records/upload-record.js'
import { lookAfterUpload } from '../../commit/looks.js'
import { changeObject } from '../../commit/object-change.js'
import { checkReplicaEarly } from '../../commit/take-replica.js'
import type { Integrity } from '../../contract/integrity.js'
import type { Attributes, ReplicaOptions, WriteConditions } from '../../contract/object.js'
import type { Cancel } from '../../contract/source.js'
import { checkAttributes, headersOf } from '../../rules/attributes.js'
import { checkKeyName } from '../../rules/key-name.js'
import { checkUploadChecksum } from '../../rules/multipart-checksum.js'
import { lockOfNewVersion, lockOfReplica } from '../../rules/object-lock.js'
import { checkReplicaOf } from '../../rules/replication/replica-of.js'
import { checkWriteConditions } from '../../rules/write-conditions.js'
import type { Works } from '../../works.js'

/** Begins an upload. The conditions are an early word only: the completion decides with its own. */
export async function createUpload(
  works: Works,
  target: ObjectTarget,
  options: Attributes & WriteConditions & ReplicaOptions & Integrity & Cancel,
): Promise<string> {
  options.signal?.throwIfAborted()
  checkKeyName(target.key)
  checkAttributes(options)
  const checksum = checkUploadChecksum(options)
  const replicaOf = options.replica && checkReplicaOf(options.replica, options.bypassGovernance)
  if (replicaOf !== undefined) await checkReplicaEarly(works, target, replicaOf, options)
  else if (options.ifMatch !== undefined || options.ifNoneMatch !== undefined) {
    const { object } = await findObject(works.kv, target)
    checkWriteConditions(options, object?.record, target)
  }
  const uploadId = works.ids.next()
  return changeObject(works, target, [], (state, draft) => {
    const record = {
      initiatedMs: state.nowMs,
      state: 'open' as const,
      headers: headersOf(options),
      metadata: options.metadata ?? {},
      tags: options.tags ?? {},
      ...(replicaOf === undefined
        ? lockOfNewVersion(state.bucket, options, state.nowMs)
        : { ...lockOfReplica(state.bucket, options), replicaOf }),
      ...(options.ownerId === undefined ? {} : { ownerId: options.ownerId }),
      ...checksum,
    }
    draft.put(uploadKey(state.bucket.bucketId, target.key, uploadId), encodeUpload(record))
    lookAfterUpload(draft, state, uploadId, state.nowMs)
    return formatUploadId(uploadId)
  })
}
