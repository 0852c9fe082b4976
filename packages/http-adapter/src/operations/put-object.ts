import type { Operation } from '../operation.js'
import { readAttributes } from '../wire/attributes.js'
import { writeChecksumHeaders } from '../wire/checksums.js'
import { authorizeIfMatch, readWriteConditions } from '../wire/conditions.js'
import { quoted } from '../wire/etags.js'
import { readLockHeaders } from '../wire/object-lock.js'
import { authorizeTags } from '../wire/tagging.js'
import { refuseUnhonouredByWrite } from '../wire/unhonoured-headers.js'
import { openUpload } from '../wire/upload-body.js'
import { writeVersionId } from '../wire/version-id.js'

export const putObject: Operation = async (call) => {
  const { engine, target, headers, principal, signal } = call
  refuseUnhonouredByWrite(call)
  const attributes = readAttributes(headers, principal.ownerId)
  await authorizeTags(call)
  const lock = await readLockHeaders(call, { hasBody: true })
  const conditions = readWriteConditions(headers)
  await authorizeIfMatch(call, conditions, target.key)
  const { body, integrity } = openUpload(call)
  const info = await engine
    .bucket(target.bucket)
    .put(target.key, body, { ...attributes, ...lock, ...conditions, ...integrity, signal })
  return {
    status: 200,
    headers: { etag: quoted(info.etag), ...writeVersionId(info.versionId), ...writeChecksumHeaders(info) },
  }
}
