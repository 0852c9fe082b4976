import type { Operation } from '../operation.js'
import { readVersionId, writeVersionId } from '../wire/version-id.js'

export const deleteObjectTagging: Operation = async ({ engine, target, query, signal }) => {
  const version = readVersionId(query.get('versionId'))
  const { versionId } = await engine.bucket(target.bucket).setTags(target.key, {}, { ...version, signal })
  return { status: 204, headers: writeVersionId(versionId) }
}
