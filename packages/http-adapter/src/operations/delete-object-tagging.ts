import { toldBucket } from '../events/told-bucket.js'
import type { Operation } from '../operation.js'
import { readVersionId, writeVersionId } from '../wire/version-id.js'

export const deleteObjectTagging: Operation = async (call) => {
  const { target, query, signal } = call
  const version = readVersionId(query.get('versionId'))
  const { versionId } = await toldBucket(call).setTags(target.key, {}, { ...version, signal })
  return { status: 204, headers: writeVersionId(versionId) }
}
