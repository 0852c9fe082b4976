import { toldBucket } from '../events/told-bucket.js'
import type { Operation } from '../operation.js'
import { readBypass, readRetentionDocument } from '../wire/object-lock.js'
import { readVersionId, writeVersionId } from '../wire/version-id.js'

export const putObjectRetention: Operation = async (call) => {
  const { target, query, signal } = call
  const version = readVersionId(query.get('versionId'))
  const retention = await readRetentionDocument(call)
  const bypassGovernance = await readBypass(call)
  const { versionId } = await toldBucket(call).setRetention(target.key, retention, {
    ...version,
    bypassGovernance,
    signal,
  })
  return { status: 200, headers: writeVersionId(versionId) }
}
