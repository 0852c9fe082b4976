import {
  isEngineError,
  type Listed,
  type ListingPage,
  type ListOptions,
  type UploadInfo,
} from '@aquifer/engine'
import type { Call, Operation } from '../operation.js'
import { invalidArgument } from '../s3-error.js'
import { checksumChoiceElements } from '../wire/checksum-choice.js'
import { ownerIdsOf } from '../wire/contents.js'
import { type ListParameters, readListParameters } from '../wire/list-parameters.js'
import { type OwnerElement, ownersOf } from '../wire/owners.js'
import { storageClassText } from '../wire/storage-class.js'
import { date, element, optional, text, xmlDocument } from '../wire/xml-out.js'

export const listMultipartUploads: Operation = async (call) => {
  const { target, query } = call
  const parameters = readListParameters(query, 'max-uploads')
  const { prefix, delimiter, limit, encode } = parameters
  const keyMarker = query.get('key-marker') ?? ''
  // Without a key it says nothing.
  const uploadIdMarker = keyMarker === '' ? '' : (query.get('upload-id-marker') ?? '')
  const page = await listUploads(call, parameters, keyMarker, uploadIdMarker)
  const owners = await ownersOf(call, ownerIdsOf(page.entries))
  const xmlOf = (entry: Listed<UploadInfo, 'upload'>) => entryElement(entry, encode, owners)
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

type Page = ListingPage<UploadInfo, 'upload'>

async function listUploads(
  { engine, target, settings, signal }: Call,
  { prefix, delimiter, limit }: ListParameters,
  keyMarker: string,
  uploadIdMarker: string,
): Promise<Page> {
  const place = {
    startAfter: keyMarker,
    ...(uploadIdMarker === '' ? {} : { startAfterId: uploadIdMarker }),
  }
  const pageOf = (options: ListOptions) =>
    engine
      .bucket(target.bucket)
      .listUploads({ prefix, ...options, signal })
      .page()
  try {
    if (settings.pageLimits === 'keep' && prefix !== '')
      return await ofOneKey(prefix, { ...place, limit }, pageOf)
    return await pageOf({ delimiter, ...place, limit })
  } catch (error) {
    if (isEngineError(error, 'InvalidArgument'))
      throw invalidArgument('Invalid uploadId marker', 'upload-id-marker', uploadIdMarker)
    throw error
  }
}

/** The uploads of the key that the prefix is. They come before those of all longer keys. */
async function ofOneKey(
  key: string,
  options: ListOptions,
  pageOf: (options: ListOptions) => Promise<Page>,
): Promise<Page> {
  const isOfKey = (entry: Page['entries'][number] | undefined): boolean =>
    entry?.type === 'upload' && entry.info.key === key
  const page = await pageOf(options)
  const entries = page.entries.filter(isOfKey)
  if (page.next === undefined || entries.length < page.entries.length) return { entries }
  const following = await pageOf({ ...page.next, limit: 1 })
  return isOfKey(following.entries[0]) ? page : { entries }
}

function entryElement(
  entry: Listed<UploadInfo, 'upload'>,
  encode: (key: string) => string,
  owners: OwnerElement,
): string {
  if (entry.type === 'common-prefix') return element('CommonPrefixes', text('Prefix', encode(entry.prefix)))
  const { key, uploadId, ownerId, storageClass, initiated } = entry.info
  return element(
    'Upload',
    text('Key', encode(key)),
    text('UploadId', uploadId),
    owners(ownerId, 'Initiator'),
    owners(ownerId),
    text('StorageClass', storageClassText(storageClass)),
    date('Initiated', initiated),
    checksumChoiceElements(entry.info),
  )
}
