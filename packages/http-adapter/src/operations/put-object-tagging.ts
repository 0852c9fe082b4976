import type { Operation } from '../operation.js'
import { readTaggingDocument } from '../wire/tagging.js'
import { checkVersionId } from '../wire/version-id.js'

export const putObjectTagging: Operation = async (call) => {
  const { engine, target, query, signal } = call
  checkVersionId(query.get('versionId'))
  const tags = await readTaggingDocument(call)
  await engine.bucket(target.bucket).setTags(target.key, tags, { signal })
  return { status: 200 }
}
