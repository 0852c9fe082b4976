import { limits } from '../limits.js'
import type { Operation } from '../operation.js'
import { invalidArgument } from '../s3-error.js'
import { readContinuationToken, writeContinuationToken } from '../wire/continuation-token.js'
import { readInteger } from '../wire/integers.js'
import { date, element, optional, text, xmlDocument } from '../wire/xml-out.js'

export const listBuckets: Operation = async ({ engine, query, principal, settings, signal }) => {
  const prefix = query.get('prefix')
  const token = query.get('continuation-token')
  const region = query.get('bucket-region')
  if ((token ?? '').length > 1_024)
    throw invalidArgument('The continuation token is too long.', 'continuation-token', undefined)
  const maxBuckets = query.get('max-buckets')
  const limit = readInteger(maxBuckets, 'max-buckets', { minimum: 1, maximum: limits.listBucketsPageMax })
  const page = await engine
    .listBuckets({
      ...(prefix === undefined ? {} : { prefix }),
      ...(token ? { startAfter: readContinuationToken(token) } : {}),
      limit: limit ?? limits.listBucketsPageMax,
      signal,
    })
    .page()
  const isPaged = token !== undefined || limit !== undefined || prefix !== undefined || region !== undefined
  const isElsewhere = region !== undefined && region !== settings.region
  const buckets = page.entries.flatMap((entry) =>
    entry.type === 'common-prefix' || isElsewhere
      ? []
      : element(
          'Bucket',
          text('Name', entry.info.name),
          date('CreationDate', entry.info.created),
          isPaged ? text('BucketRegion', settings.region) : '',
        ),
  )
  return {
    status: 200,
    body: xmlDocument(
      'ListAllMyBucketsResult',
      element('Owner', text('ID', principal.ownerId), text('DisplayName', principal.displayName)),
      element('Buckets', ...buckets),
      page.next === undefined ? '' : text('ContinuationToken', writeContinuationToken(page.next.startAfter)),
      optional('Prefix', prefix),
    ),
  }
}
