import type { Bucket, ObjectInfo, ObjectPart } from '@aquifer/engine'
import { toldBucket } from '../events/told-bucket.js'
import { limits } from '../limits.js'
import type { Call, Operation } from '../operation.js'
import { invalidArgument, S3Error } from '../s3-error.js'
import { checksumElements, checksumTypeElement } from '../wire/checksums.js'
import { readReadConditions } from '../wire/conditions.js'
import { httpDate } from '../wire/dates.js'
import { readInteger } from '../wire/integers.js'
import { storageClassText } from '../wire/storage-class.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { readVersionId, writeVersionId } from '../wire/version-id.js'
import { element, text, xmlDocument } from '../wire/xml-out.js'

const attributeNames = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize']

export const getObjectAttributes: Operation = async (call) => {
  const { target, headers, query, signal } = call
  refuseUnhonoured(headers)
  const version = readVersionId(query.get('versionId'))
  const wanted = readWanted(headers.get('x-amz-object-attributes'))
  const paging = readPaging(headers)
  const bucket = toldBucket(call, 's3:ObjectAccessed:Attributes')
  const info = await bucket.head(target.key, { ...version, ...readReadConditions(headers), signal })
  const hasParts = wanted.has('ObjectParts') && info.partCount !== undefined
  return {
    status: 200,
    headers: { 'last-modified': httpDate(info.lastModified), ...writeVersionId(info.versionId) },
    body: xmlDocument(
      'GetObjectAttributesResponse',
      wanted.has('ETag') ? text('ETag', info.etag) : '',
      wanted.has('Checksum') ? checksumElement(info) : '',
      hasParts ? await objectParts(bucket, info, paging, signal) : '',
      wanted.has('StorageClass') ? text('StorageClass', storageClassText(info.storageClass)) : '',
      wanted.has('ObjectSize') ? text('ObjectSize', info.sizeBytes) : '',
    ),
  }
}

function readWanted(header: string | undefined): ReadonlySet<string> {
  const names = (header ?? '').split(',').map((name) => name.trim())
  if (names.every((name) => name === ''))
    throw new S3Error(
      'InvalidRequest',
      'The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty',
    )
  const unknown = names.find((name) => name !== '' && !attributeNames.includes(name))
  if (unknown !== undefined)
    throw invalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', unknown)
  return new Set(names)
}

interface Paging {
  readonly limit: number
  readonly marker: number
}

function readPaging(headers: Call['headers']): Paging {
  const limit = readInteger(headers.get('x-amz-max-parts'), 'x-amz-max-parts', {
    minimum: 0,
    maximum: limits.listPageMax,
    clip: true,
  })
  const marker = readInteger(headers.get('x-amz-part-number-marker'), 'x-amz-part-number-marker', {
    minimum: 0,
    maximum: limits.integerMax,
  })
  return { limit: limit ?? limits.listPageMax, marker: marker ?? 0 }
}

const checksumElement = ({ checksums, checksumType }: ObjectInfo): string =>
  Object.keys(checksums).length === 0
    ? ''
    : element('Checksum', checksumElements(checksums), checksumTypeElement(checksumType))

/** The parts themselves are told only where they had checksums of their own, as S3 does. */
async function objectParts(
  bucket: Bucket,
  { key, partCount, versionId }: ObjectInfo,
  { limit, marker }: Paging,
  signal: AbortSignal,
): Promise<string> {
  const parts: ObjectPart[] = []
  let isTruncated = false
  const which = versionId === undefined ? {} : { versionId }
  for await (const part of bucket.parts(key, { ...which, afterPartNumber: marker, signal })) {
    isTruncated = parts.length === limit
    if (isTruncated) break
    parts.push(part)
  }
  return element(
    'ObjectParts',
    text('PartsCount', partCount ?? 0),
    text('PartNumberMarker', marker),
    text('NextPartNumberMarker', parts.at(-1)?.partNumber ?? 0),
    text('MaxParts', limit),
    text('IsTruncated', isTruncated),
    ...parts.filter(({ checksums }) => Object.keys(checksums).length > 0).map(partElement),
  )
}

const partElement = ({ partNumber, sizeBytes, checksums }: ObjectPart): string =>
  element('Part', text('PartNumber', partNumber), text('Size', sizeBytes), checksumElements(checksums))
