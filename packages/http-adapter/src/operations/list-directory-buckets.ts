import { limits } from '../limits.js'
import type { Operation } from '../operation.js'
import { readContinuationToken, writeContinuationToken } from '../wire/continuation-token.js'
import { readInteger } from '../wire/integers.js'
import { date, element, text, xmlDocument } from '../wire/xml-out.js'
import { visibleBuckets } from './visible-buckets.js'

/** In S3 Express mode every bucket is one, whatever its name. */
export const listDirectoryBuckets: Operation = async (call) => {
  const { query } = call
  const token = query.get('continuation-token')
  const maximum = limits.listPageMax
  const limit = readInteger(query.get('max-directory-buckets'), 'max-directory-buckets', {
    minimum: 0,
    maximum,
  })
  const { buckets, next } =
    limit === 0
      ? { buckets: [], next: undefined }
      : await visibleBuckets(call, {
          ...(token ? { startAfter: readContinuationToken(token) } : {}),
          limit: limit ?? maximum,
        })
  return {
    status: 200,
    body: xmlDocument(
      'ListAllMyDirectoryBucketsResult',
      element(
        'Buckets',
        ...buckets.map(({ name, created }) =>
          element('Bucket', text('Name', name), date('CreationDate', created)),
        ),
      ),
      next === undefined ? '' : text('ContinuationToken', writeContinuationToken(next)),
    ),
  }
}
