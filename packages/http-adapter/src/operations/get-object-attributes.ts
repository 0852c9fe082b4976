import type { ObjectInfo } from '@aquifer/engine'
import type { Operation } from '../operation.js'
import { invalidArgument, S3Error } from '../s3-error.js'
import { checksumElements, checksumTypeElement } from '../wire/checksums.js'
import { readReadConditions } from '../wire/conditions.js'
import { httpDate } from '../wire/dates.js'
import { storageClassText } from '../wire/storage-class.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { checkVersionId } from '../wire/version-id.js'
import { element, text, xmlDocument } from '../wire/xml-out.js'

/** What may be asked for, in the order the answer has. */
const attributes: Readonly<Record<string, (info: ObjectInfo) => string>> = {
  ETag: ({ etag }) => text('ETag', etag),
  Checksum: ({ checksums, checksumType }) =>
    Object.keys(checksums).length === 0
      ? ''
      : element('Checksum', checksumElements(checksums), checksumTypeElement(checksumType)),
  ObjectParts: ({ partCount }) =>
    partCount === undefined ? '' : element('ObjectParts', text('PartsCount', partCount)),
  StorageClass: ({ storageClass }) => text('StorageClass', storageClassText(storageClass)),
  ObjectSize: ({ sizeBytes }) => text('ObjectSize', sizeBytes),
}

export const getObjectAttributes: Operation = async ({ engine, target, headers, query, signal }) => {
  refuseUnhonoured(headers)
  checkVersionId(query.get('versionId'))
  const wanted = readWanted(headers.get('x-amz-object-attributes'))
  const info = await engine.bucket(target.bucket).head(target.key, { ...readReadConditions(headers), signal })
  return {
    status: 200,
    headers: { 'last-modified': httpDate(info.lastModified) },
    body: xmlDocument(
      'GetObjectAttributesResponse',
      ...Object.entries(attributes).map(([name, write]) => (wanted.has(name) ? write(info) : '')),
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
  const unknown = names.find((name) => name !== '' && !Object.hasOwn(attributes, name))
  if (unknown !== undefined)
    throw invalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', unknown)
  return new Set(names)
}
