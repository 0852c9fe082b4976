import { invalidArgument, S3Error } from '../s3-error.js'
import type { Query } from './query.js'

const overrides = {
  'response-cache-control': 'cache-control',
  'response-content-disposition': 'content-disposition',
  'response-content-encoding': 'content-encoding',
  'response-content-language': 'content-language',
  'response-content-type': 'content-type',
  'response-expires': 'expires',
} as const

/**
 * Headers the caller wants the answer to carry in place of the stored ones. They are part of a signature, so that
 * nobody else can make an object look like what it is not: anonymous requests may not have them.
 *
 * @throws {@link S3Error} `InvalidRequest`, `InvalidArgument`
 */
export function readResponseOverrides(query: Query, anonymous: boolean): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, header] of Object.entries(overrides)) {
    const value = query.get(name)
    if (value === undefined || value === '') continue
    if (anonymous)
      throw new S3Error(
        'InvalidRequest',
        'Request specific response headers cannot be used for anonymous GET requests.',
      )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a header cannot hold them.
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value))
      throw invalidArgument('A response header value must not hold control characters.', name, value)
    headers[header] = Buffer.from(value, 'utf8').toString('latin1')
  }
  return headers
}
