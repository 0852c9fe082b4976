import { isEngineError, type Listed, type ListingPage, type UploadInfo } from '@aquifer/engine'
import type { Call, Operation } from '../operation.js'
import { invalidArgument } from '../s3-error.js'
import { checksumChoiceElements } from '../wire/checksum-choice.js'
import { owner } from '../wire/contents.js'
import { type ListParameters, readListParameters } from '../wire/list-parameters.js'
import { storageClassText } from '../wire/storage-class.js'
import { date, element, optional, text, xmlDocument } from '../wire/xml-out.js'

export const listMultipartUploads: Operation = async (call) => {
  const { target, query, settings } = call
  const parameters = readListParameters(query, 'max-uploads')
  const { prefix, delimiter, limit, encode } = parameters
  const keyMarker = query.get('key-marker') ?? ''
  // Without a key it says nothing.
  const uploadIdMarker = keyMarker === '' ? '' : (query.get('upload-id-marker') ?? '')
  const page = await listUploads(call, parameters, keyMarker, uploadIdMarker)
  const xmlOf = (entry: Listed<UploadInfo, 'upload'>) => entryElement(entry, encode, settings)
  return {
    status: 200,
    body: xmlDocument(
      'ListMultipartUploadsResult',
      text('Bucket', target.bucket),
      text('KeyMarker', encode(keyMarker)),
      text('UploadIdMarker', uploadIdMarker),
      text('NextKeyMarker', encode(page.next?.startAfter ?? '')),
      text('NextUploadIdMarker', page.next?.startAfterId ?? ''),
      text('Prefix', encode(prefix)),
      delimiter === '' ? '' : text('Delimiter', encode(delimiter)),
      optional('EncodingType', parameters.encodingType),
      text('MaxUploads', limit),
      text('IsTruncated', page.next !== undefined),
      ...page.entries.filter(({ type }) => type === 'upload').map(xmlOf),
      ...page.entries.filter(({ type }) => type === 'common-prefix').map(xmlOf),
    ),
  }
}

async function listUploads(
  { engine, target, signal }: Call,
  { prefix, delimiter, limit }: ListParameters,
  keyMarker: string,
  uploadIdMarker: string,
): Promise<ListingPage<UploadInfo, 'upload'>> {
  try {
    return await engine
      .bucket(target.bucket)
      .listUploads({
        prefix,
        delimiter,
        startAfter: keyMarker,
        ...(uploadIdMarker === '' ? {} : { startAfterId: uploadIdMarker }),
        limit,
        signal,
      })
      .page()
  } catch (error) {
    if (isEngineError(error, 'InvalidArgument'))
      throw invalidArgument('Invalid uploadId marker', 'upload-id-marker', uploadIdMarker)
    throw error
  }
}

function entryElement(
  entry: Listed<UploadInfo, 'upload'>,
  encode: (key: string) => string,
  settings: Call['settings'],
): string {
  if (entry.type === 'common-prefix') return element('CommonPrefixes', text('Prefix', encode(entry.prefix)))
  const { key, uploadId, ownerId, storageClass, initiated } = entry.info
  return element(
    'Upload',
    text('Key', encode(key)),
    text('UploadId', uploadId),
    owner(ownerId, settings, 'Initiator'),
    owner(ownerId, settings),
    text('StorageClass', storageClassText(storageClass)),
    date('Initiated', initiated),
    checksumChoiceElements(entry.info),
  )
}
