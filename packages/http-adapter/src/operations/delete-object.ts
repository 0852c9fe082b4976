import type { Operation } from '../operation.js'
import { notImplementedHeader } from '../s3-error.js'
import { readWriteConditions } from '../wire/conditions.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { checkVersionId } from '../wire/version-id.js'

export const deleteObject: Operation = async ({ engine, target, headers, query, signal }) => {
  refuseUnhonoured(headers)
  checkVersionId(query.get('versionId'))
  if (headers.has('if-none-match')) throw notImplementedHeader('If-None-Match')
  await engine.bucket(target.bucket).delete(target.key, { ...readWriteConditions(headers), signal })
  return { status: 204 }
}
