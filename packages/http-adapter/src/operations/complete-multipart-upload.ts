import { type CompletedPart, isEngineError, type Upload } from '@aquifer/engine'
import { expirationHeader } from '../lifecycle/lifecycle-headers.js'
import { limits } from '../limits.js'
import type { Call, Operation } from '../operation.js'
import { invalidArgument } from '../s3-error.js'
import { readChecksumType } from '../wire/checksum-choice.js'
import {
  checksumAlgorithms,
  checksumElements,
  checksumSpellings,
  checksumTypeElement,
} from '../wire/checksums.js'
import { readWriteConditions } from '../wire/conditions.js'
import { unquoted } from '../wire/etags.js'
import { readInteger } from '../wire/integers.js'
import { readObjectChecksum } from '../wire/integrity.js'
import { locationOf } from '../wire/location.js'
import { checkSameReplica, isOfReplica, ofReplicaWrites } from '../wire/replica.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { uploadOf } from '../wire/upload-target.js'
import { writeVersionId } from '../wire/version-id.js'
import { readXmlBody } from '../wire/xml-body.js'
import { malformedXml, type XmlElement } from '../wire/xml-in.js'
import { text, xmlDocument } from '../wire/xml-out.js'

export const completeMultipartUpload: Operation = async (call) => {
  const { target, headers, settings, signal } = call
  refuseUnhonoured(headers, settings.profile === 'express' ? [] : ofReplicaWrites)
  const conditions = readWriteConditions(headers)
  const checksums = readObjectChecksum(headers)
  const checksumType = readChecksumType(headers)
  const sizeBytes = readInteger(headers.get('x-amz-mp-object-size'), 'x-amz-mp-object-size', {
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
  })
  const document = await readXmlBody(call, 'CompleteMultipartUpload', {
    maxBytes: limits.xmlListMaxBytes,
    checksumsOf: 'object',
  })
  const parts = document.all('Part').map(readPart)
  if (parts.length === 0) throw malformedXml()
  const upload = uploadOf(call)
  if (isOfReplica(headers)) await checkBegunSo(call, upload)
  const info = await upload.complete(parts, {
    ...conditions,
    ...(checksums === undefined ? {} : { checksums }),
    ...(checksumType === undefined ? {} : { checksumType }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    signal,
  })
  return {
    status: 200,
    headers: { ...writeVersionId(info.versionId), ...expirationHeader(info) },
    body: xmlDocument(
      'CompleteMultipartUploadResult',
      text('Location', locationOf(call)),
      text('Bucket', target.bucket),
      text('Key', target.key),
      text('ETag', `"${info.etag}"`),
      checksumElements(info.checksums),
      checksumTypeElement(info.checksumType),
    ),
  }
}

/** An upload that is over is asked to be completed again, and makes nothing. */
async function checkBegunSo({ headers, signal }: Call, upload: Upload): Promise<void> {
  try {
    const { replica } = await upload.info({ signal })
    checkSameReplica(headers, replica)
  } catch (error) {
    if (!isEngineError(error, 'NoSuchUpload')) throw error
  }
}

function readPart(part: XmlElement): CompletedPart {
  const number = part.textOf('PartNumber') ?? ''
  const etag = part.textOf('ETag')
  if (!/^-?\d{1,9}$/.test(number) || etag === undefined) throw malformedXml()
  const partNumber = Number(number)
  if (partNumber < 1) throw invalidArgument('PartNumber must be >= 1', 'PartNumber', number)
  if (partNumber > limits.partNumberMax)
    throw invalidArgument(
      `Part number must be an integer between 1 and ${limits.partNumberMax}, inclusive`,
      'PartNumber',
      number,
    )
  const checksums = checksumAlgorithms.flatMap((algorithm) => {
    const value = part.textOf(checksumSpellings[algorithm].element)
    return value === undefined ? [] : [[algorithm, value] as const]
  })
  return {
    partNumber,
    etag: unquoted(etag),
    ...(checksums.length === 0 ? {} : { checksums: Object.fromEntries(checksums) }),
  }
}
