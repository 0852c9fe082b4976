import type { ListingPage, ListOptions, ObjectSummary } from '@aquifer/engine'
import type { Call, Reply } from '../operation.js'
import { invalidArgument, S3Error } from '../s3-error.js'
import { contents, ownerIdsOf } from '../wire/contents.js'
import { readContinuationToken, writeContinuationToken } from '../wire/continuation-token.js'
import { type ListParameters, readListParameters } from '../wire/list-parameters.js'
import { ownersOf } from '../wire/owners.js'
import { optional, text, xmlDocument } from '../wire/xml-out.js'

export interface ListedPage {
  readonly page: ListingPage<ObjectSummary, 'object'>
  /** What is told of each object beside what every listing tells. */
  readonly more?: (info: ObjectSummary) => string
}

export type ReadPage = (
  call: Call,
  options: Required<Pick<ListOptions, 'prefix' | 'delimiter' | 'startAfter' | 'limit'>>,
) => Promise<ListedPage>

/** A listing of objects in the second form, wherever its page comes from. */
export async function listV2(call: Call, readPage: ReadPage): Promise<Reply> {
  const { target, query } = call
  if (query.get('list-type') !== '2')
    throw invalidArgument('Invalid List Type specified in Request', 'list-type', query.get('list-type'))
  const parameters = readListParameters(query, 'max-keys')
  const { prefix, delimiter, limit, encode } = parameters
  if (isDirectoryBound(call)) checkDirectoryListing(call, parameters)
  const token = query.get('continuation-token')
  const startAfter = query.get('start-after')
  const place = token ? readContinuationToken(token) : (startAfter ?? '')
  const { page, more } = await readPage(call, { prefix, delimiter, startAfter: place, limit })
  const withOwner = query.get('fetch-owner')?.toLowerCase() === 'true'
  const owners = withOwner ? await ownersOf(call, ownerIdsOf(page.entries)) : undefined
  return {
    status: 200,
    body: xmlDocument(
      'ListBucketResult',
      text('Name', target.bucket),
      text('Prefix', encode(prefix)),
      optional('ContinuationToken', token),
      page.next === undefined
        ? ''
        : text('NextContinuationToken', writeContinuationToken(page.next.startAfter)),
      startAfter === undefined ? '' : text('StartAfter', encode(startAfter)),
      text('KeyCount', page.entries.length),
      text('MaxKeys', limit),
      delimiter === '' ? '' : text('Delimiter', encode(delimiter)),
      optional('EncodingType', parameters.encodingType),
      text('IsTruncated', page.next !== undefined),
      contents(page.entries, { encode, owners, ...(more && { more }) }),
    ),
  }
}

const isDirectoryBound = ({ settings }: Call): boolean =>
  settings.profile === 'express' && settings.pageLimits === 'keep'

/** Source: S3 API Reference, ListObjectsV2: what it says of directory buckets. */
function checkDirectoryListing({ query }: Call, { prefix, delimiter }: ListParameters): void {
  if (query.get('start-after'))
    throw new S3Error('NotImplemented', 'The parameter start-after is not implemented for directory buckets.')
  if (delimiter !== '' && delimiter !== '/')
    throw invalidArgument('The delimiter of a directory bucket is a slash.', 'delimiter', delimiter)
  if (prefix !== '' && !prefix.endsWith('/'))
    throw invalidArgument('The prefix of a directory bucket ends in a slash.', 'prefix', prefix)
}
