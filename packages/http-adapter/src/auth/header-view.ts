import { SIGNING_PARAMETERS } from './presigned-query.js'
import type { HeaderMap } from './request-headers.js'
import type { QueryParameter } from './request-target.js'

/** Headers beside `x-amz-*` that presigners of each version move into the query, and sign there. */
const HOISTED: Readonly<Record<2 | 4, ReadonlySet<string>>> = {
  2: new Set(['content-md5', 'content-type']),
  4: new Set(['if-match', 'if-none-match']),
}

/** A checksum of bytes, and the announcement of one; not the choice of an algorithm for a multipart upload. */
const CHECKSUM = /^x-amz-(?:checksum-(?!algorithm$|type$|mode$)|sdk-checksum-algorithm$)/

/**
 * Adds what a presigned URL carries in its query in place of headers. A header that is really there wins.
 *
 * Checksums in the query are where AWS and its own presigner disagree: the JavaScript SDK hoists the checksum of an
 * empty body into every presigned PUT, and S3 ignores it. This is the one place that decides.
 */
export function addHoisted(
  headers: HeaderMap,
  parameters: readonly QueryParameter[],
  queryChecksums: 'ignore' | 'enforce',
  version: 2 | 4 = 4,
): { headers: HeaderMap; ignored: readonly string[] } {
  const view = new Map(headers)
  const ignored: string[] = []
  for (const { name, value } of parameters) {
    const header = name.toLowerCase()
    if (SIGNING_PARAMETERS.has(name)) continue
    if (!header.startsWith('x-amz-') && !HOISTED[version].has(header)) continue
    if (view.has(header)) continue
    if (queryChecksums === 'ignore' && CHECKSUM.test(header)) ignored.push(header)
    else view.set(header, value)
  }
  return { headers: view, ignored }
}

/** `gzip,aws-chunked` is `gzip`; `aws-chunked` alone is empty. What remains keeps its order and spelling. */
export function withoutAwsChunked(contentEncoding: string): string {
  if (!/aws-chunked/i.test(contentEncoding)) return contentEncoding
  const codings = contentEncoding.split(',')
  const kept = codings.filter((coding) => coding.trim().toLowerCase() !== 'aws-chunked')
  return kept.length === codings.length ? contentEncoding : kept.join(',').trim()
}

/** The view operations read: the framing that is gone by then is not in it. */
export function withoutFraming(headers: HeaderMap): HeaderMap {
  const contentEncoding = headers.get('content-encoding')
  if (contentEncoding === undefined) return headers
  const kept = withoutAwsChunked(contentEncoding)
  if (kept === contentEncoding) return headers
  const view = new Map(headers)
  if (kept === '') view.delete('content-encoding')
  else view.set('content-encoding', kept)
  return view
}
