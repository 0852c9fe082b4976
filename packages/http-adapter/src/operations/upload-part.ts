import type { Operation } from '../operation.js'
import { writeChecksumHeaders } from '../wire/checksums.js'
import { quoted } from '../wire/etags.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { openUpload } from '../wire/upload-body.js'
import { readPartNumber, uploadOf } from '../wire/upload-target.js'

export const uploadPart: Operation = async (call) => {
  refuseUnhonoured(call.headers)
  const partNumber = readPartNumber(call)
  const { body, integrity } = openUpload(call)
  const part = await uploadOf(call).putPart(partNumber, body, { ...integrity, signal: call.signal })
  return { status: 200, headers: { etag: quoted(part.etag), ...writeChecksumHeaders(part) } }
}
