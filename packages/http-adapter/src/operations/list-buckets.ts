import { limits } from '../limits.js'
import type { Operation } from '../operation.js'
import { invalidArgument } from '../s3-error.js'
import { readContinuationToken, writeContinuationToken } from '../wire/continuation-token.js'
import { readInteger } from '../wire/integers.js'
import { date, element, optional, text, xmlDocument } from '../wire/xml-out.js'
import { visibleBuckets } from './visible-buckets.js'

export const listBuckets: Operation = async (call) => {
  const { query, principal, settings } = call
  const prefix = query.get('prefix')
  const token = query.get('continuation-token')
  const region = query.get('bucket-region')
  if ((token ?? '').length > 1_024)
    throw invalidArgument('The continuation token is too long.', 'continuation-token', undefined)
  const maxBuckets = query.get('max-buckets')
  const limit = readInteger(maxBuckets, 'max-buckets', { minimum: 1, maximum: limits.listBucketsPageMax })
  const { buckets, next } = await visibleBuckets(call, {
    ...(prefix === undefined ? {} : { prefix }),
    ...(token ? { startAfter: readContinuationToken(token) } : {}),
    limit: limit ?? limits.listBucketsPageMax,
  })
  const isPaged = token !== undefined || limit !== undefined || prefix !== undefined || region !== undefined
  const isElsewhere = region !== undefined && region !== settings.region
  const elements = (isElsewhere ? [] : buckets).map(({ name, created }) =>
    element(
      'Bucket',
      text('Name', name),
      date('CreationDate', created),
      isPaged ? text('BucketRegion', settings.region) : '',
    ),
  )
  return {
    status: 200,
    body: xmlDocument(
      'ListAllMyBucketsResult',
      element('Owner', text('ID', principal.ownerId), text('DisplayName', principal.displayName)),
      element('Buckets', ...elements),
      next === undefined ? '' : text('ContinuationToken', writeContinuationToken(next)),
      optional('Prefix', prefix),
    ),
  }
}
