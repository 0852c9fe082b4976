import type { Operation } from '../operation.js'
import { checkVersionId } from '../wire/version-id.js'

export const deleteObjectTagging: Operation = async ({ engine, target, query, signal }) => {
  checkVersionId(query.get('versionId'))
  await engine.bucket(target.bucket).setTags(target.key, {}, { signal })
  return { status: 204 }
}
