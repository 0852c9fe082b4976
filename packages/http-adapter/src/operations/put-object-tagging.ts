import { toldBucket } from '../events/told-bucket.js'
import type { Operation } from '../operation.js'
import { readTaggingDocument } from '../wire/tagging.js'
import { readVersionId, writeVersionId } from '../wire/version-id.js'

export const putObjectTagging: Operation = async (call) => {
  const { target, query, signal } = call
  const version = readVersionId(query.get('versionId'))
  const tags = await readTaggingDocument(call)
  const { versionId } = await toldBucket(call).setTags(target.key, tags, { ...version, signal })
  return { status: 200, headers: writeVersionId(versionId) }
}
