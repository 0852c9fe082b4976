import type { Operation } from '../operation.js'
import { contents, ownerIdsOf } from '../wire/contents.js'
import { readListParameters } from '../wire/list-parameters.js'
import { ownersOf } from '../wire/owners.js'
import { optional, text, xmlDocument } from '../wire/xml-out.js'

export const listObjects: Operation = async (call) => {
  const { engine, target, query, signal } = call
  const parameters = readListParameters(query, 'max-keys')
  const { prefix, delimiter, limit, encode } = parameters
  const marker = query.get('marker') ?? ''
  const page = await engine
    .bucket(target.bucket)
    .list({ prefix, delimiter, startAfter: marker, limit, summary: true, signal })
    .page()
  const owners = await ownersOf(call, ownerIdsOf(page.entries))
  const hasNextMarker = page.next !== undefined && delimiter !== ''
  return {
    status: 200,
    body: xmlDocument(
      'ListBucketResult',
      text('Name', target.bucket),
      text('Prefix', encode(prefix)),
      text('Marker', encode(marker)),
      hasNextMarker ? text('NextMarker', encode(page.next!.startAfter)) : '',
      text('MaxKeys', limit),
      delimiter === '' ? '' : text('Delimiter', encode(delimiter)),
      optional('EncodingType', parameters.encodingType),
      text('IsTruncated', page.next !== undefined),
      contents(page.entries, { encode, owners }),
    ),
  }
}
