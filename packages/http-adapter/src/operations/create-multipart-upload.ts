import type { Operation } from '../operation.js'
import { readAttributes } from '../wire/attributes.js'
import { readChecksumChoice, writeChecksumChoice } from '../wire/checksum-choice.js'
import { readWriteConditions } from '../wire/conditions.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { text, xmlDocument } from '../wire/xml-out.js'

export const createMultipartUpload: Operation = async ({ engine, target, headers, principal, signal }) => {
  refuseUnhonoured(headers)
  const choice = readChecksumChoice(headers)
  const upload = await engine.bucket(target.bucket).createUpload(target.key, {
    ...readAttributes(headers, principal.ownerId),
    ...readWriteConditions(headers),
    ...choice,
    signal,
  })
  return {
    status: 200,
    headers: writeChecksumChoice(choice),
    body: xmlDocument(
      'InitiateMultipartUploadResult',
      text('Bucket', target.bucket),
      text('Key', target.key),
      text('UploadId', upload.uploadId),
    ),
  }
}
