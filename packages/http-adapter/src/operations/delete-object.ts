import type { Operation } from '../operation.js'
import { authorizeIfMatch, readDeleteConditions } from '../wire/conditions.js'
import { refuseUnhonouredByDelete } from '../wire/unhonoured-headers.js'
import { checkVersionId } from '../wire/version-id.js'

export const deleteObject: Operation = async (call) => {
  const { engine, target, headers, query, signal } = call
  refuseUnhonouredByDelete(call)
  checkVersionId(query.get('versionId'))
  const conditions = readDeleteConditions(headers)
  await authorizeIfMatch(call, conditions, target.key)
  await engine.bucket(target.bucket).delete(target.key, { ...conditions, signal })
  return { status: 204 }
}
