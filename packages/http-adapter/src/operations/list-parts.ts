import type { Part, Upload } from '@aquifer/engine'
import { abortHeaders } from '../lifecycle/lifecycle-headers.js'
import { limits } from '../limits.js'
import type { Operation } from '../operation.js'
import { checksumChoiceElements } from '../wire/checksum-choice.js'
import { checksumElements } from '../wire/checksums.js'
import { readInteger } from '../wire/integers.js'
import { readListParameters } from '../wire/list-parameters.js'
import { ownersOf } from '../wire/owners.js'
import { storageClassText } from '../wire/storage-class.js'
import { uploadOf } from '../wire/upload-target.js'
import { date, element, optional, text, xmlDocument } from '../wire/xml-out.js'

export const listParts: Operation = async (call) => {
  const { target, query, signal } = call
  const { limit, encode, encodingType } = readListParameters(query, 'max-parts')
  const marker =
    readInteger(query.get('part-number-marker') || undefined, 'part-number-marker', {
      minimum: 0,
      maximum: limits.integerMax,
    }) ?? 0
  const upload = uploadOf(call)
  const info = await upload.info({ signal })
  const owners = await ownersOf(call, [info.ownerId])
  const { parts, isTruncated } = await page(upload, marker, limit, signal)
  return {
    status: 200,
    headers: abortHeaders(info),
    body: xmlDocument(
      'ListPartsResult',
      text('Bucket', target.bucket),
      text('Key', encode(target.key)),
      text('UploadId', upload.uploadId),
      optional('EncodingType', encodingType),
      owners(info.ownerId, 'Initiator'),
      owners(info.ownerId),
      text('StorageClass', storageClassText(info.storageClass)),
      text('PartNumberMarker', marker),
      text('NextPartNumberMarker', parts.at(-1)?.partNumber ?? 0),
      text('MaxParts', limit),
      text('IsTruncated', isTruncated),
      checksumChoiceElements(info),
      ...parts.map(partElement),
    ),
  }
}

async function page(
  upload: Upload,
  afterPartNumber: number,
  limit: number,
  signal: AbortSignal,
): Promise<{ parts: Part[]; isTruncated: boolean }> {
  const parts: Part[] = []
  if (limit === 0) return { parts, isTruncated: false }
  for await (const part of upload.parts({ afterPartNumber, signal })) {
    if (parts.length === limit) return { parts, isTruncated: true }
    parts.push(part)
  }
  return { parts, isTruncated: false }
}

const partElement = (part: Part): string =>
  element(
    'Part',
    text('PartNumber', part.partNumber),
    date('LastModified', part.lastModified),
    text('ETag', `"${part.etag}"`),
    text('Size', part.sizeBytes),
    checksumElements(part.checksums),
  )
