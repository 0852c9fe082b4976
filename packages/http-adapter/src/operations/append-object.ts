import { toldBucket } from '../events/told-bucket.js'
import { expirationHeader } from '../lifecycle/lifecycle-headers.js'
import type { Call, Operation } from '../operation.js'
import { notImplementedHeader, S3Error } from '../s3-error.js'
import { readAttributes } from '../wire/attributes.js'
import { writeChecksumHeaders } from '../wire/checksums.js'
import { readWriteConditions } from '../wire/conditions.js'
import { quoted } from '../wire/etags.js'
import { readInteger } from '../wire/integers.js'
import { refuseUnhonouredByWrite } from '../wire/unhonoured-headers.js'
import { openUpload } from '../wire/upload-body.js'
import { etagKind } from './etag-kind.js'

const offsetHeader = 'x-amz-write-offset-bytes'

export const appendObject: Operation = async (call) => {
  const { target, headers, principal, signal } = call
  refuseUnhonouredByWrite(call)
  if (headers.has('if-none-match')) throw notImplementedHeader('If-None-Match')
  const { ifMatch } = readWriteConditions(headers)
  const offset = readOffset(headers)
  const attributes = readAttributes(headers, principal.ownerId)
  // What an object is called belongs to its first bytes; an append that says it would be taken for a change of it.
  if (offset > 0 && Object.keys(attributes.metadata ?? {}).length > 0)
    throw new S3Error('InvalidRequest', 'User metadata cannot be changed by an append.')
  const { body, integrity } = openUpload(call)
  const info = await toldBucket(call).append(target.key, body, {
    ...attributes,
    ...integrity,
    ...etagKind(call),
    ...(ifMatch === undefined ? {} : { ifMatch }),
    offset,
    signal,
  })
  return {
    status: 200,
    headers: {
      etag: quoted(info.etag),
      'x-amz-object-size': String(info.sizeBytes),
      ...writeChecksumHeaders(info),
      ...expirationHeader(info),
    },
  }
}

function readOffset(headers: Call['headers']): number {
  const bounds = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER }
  return readInteger(headers.get(offsetHeader), offsetHeader, bounds) ?? 0
}
