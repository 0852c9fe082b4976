import { untoldBucket } from '../events/told-bucket.js'
import type { Operation } from '../operation.js'
import { taggingDocument } from '../wire/tagging.js'
import { readVersionId, writeVersionId } from '../wire/version-id.js'

export const getObjectTagging: Operation = async ({ engine, target, query, signal }) => {
  const version = readVersionId(query.get('versionId'))
  const bucket = untoldBucket({ engine }, target.bucket)
  // Which version is meant, so that the header and the tags are of the same.
  const { versionId } = await bucket.head(target.key, { ...version, signal })
  const tags = await bucket.getTags(target.key, { ...(versionId && { versionId }), signal })
  return { status: 200, headers: writeVersionId(versionId), body: taggingDocument(tags) }
}
