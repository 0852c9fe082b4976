import type { Upload } from '@aquifer/engine'
import type { Operation } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { writeChecksumHeaders } from '../wire/checksums.js'
import { quoted } from '../wire/etags.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { openUpload } from '../wire/upload-body.js'
import { readPartNumber, uploadOf } from '../wire/upload-target.js'
import { etagKind } from './etag-kind.js'

export const uploadPart: Operation = async (call) => {
  refuseUnhonoured(call.headers)
  const partNumber = readPartNumber(call)
  const { body, integrity } = openUpload(call)
  const upload = uploadOf(call)
  if (integrity.checksums === undefined) await refuseComposite(upload, call.signal)
  const part = await upload.putPart(partNumber, body, {
    ...integrity,
    ...etagKind(call),
    signal: call.signal,
  })
  return { status: 200, headers: { etag: quoted(part.etag), ...writeChecksumHeaders(part) } }
}

/** A composite checksum is made of what the client vouched for, part by part; one of the whole we can compute. */
async function refuseComposite(upload: Upload, signal: AbortSignal): Promise<void> {
  const { checksumAlgorithm, checksumType } = await upload.info({ signal })
  if (checksumType !== 'composite') return
  throw new S3Error(
    'InvalidRequest',
    `Checksum Type mismatch occurred, expected checksum Type: ${checksumAlgorithm}, actual checksum Type: null`,
  )
}
