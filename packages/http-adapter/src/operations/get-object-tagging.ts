import type { Operation } from '../operation.js'
import { taggingDocument } from '../wire/tagging.js'
import { checkVersionId } from '../wire/version-id.js'

export const getObjectTagging: Operation = async ({ engine, target, query, signal }) => {
  checkVersionId(query.get('versionId'))
  const tags = await engine.bucket(target.bucket).getTags(target.key, { signal })
  return { status: 200, body: taggingDocument(tags) }
}
