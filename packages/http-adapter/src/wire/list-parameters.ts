import { limits } from '../limits.js'
import { invalidArgument, S3Error } from '../s3-error.js'
import { readInteger } from './integers.js'
import { encodePercent } from './percent.js'
import type { Query } from './query.js'

/** What every listing of keys takes. */
export interface ListParameters {
  readonly prefix: string
  /** Empty: none. */
  readonly delimiter: string
  readonly limit: number
  readonly encodingType: 'url' | undefined
  /** How keys and prefixes are written in the answer. */
  readonly encode: (key: string) => string
}

/** @throws {@link S3Error} `InvalidArgument`, `KeyTooLongError` */
export function readListParameters(
  query: Query,
  limitName: 'max-keys' | 'max-uploads' | 'max-parts',
): ListParameters {
  const encodingType = query.get('encoding-type')
  if (encodingType !== undefined && encodingType !== '' && encodingType !== 'url')
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType)
  const prefix = query.get('prefix') ?? ''
  checkPrefix(prefix)
  return {
    prefix,
    delimiter: query.get('delimiter') ?? '',
    limit: readPageLimit(query, limitName),
    encodingType: encodingType === 'url' ? 'url' : undefined,
    encode: encodingType === 'url' ? encodePercent : (key) => key,
  }
}

/** What no key can begin with is no prefix. */
function checkPrefix(prefix: string): void {
  const sizeBytes = Buffer.byteLength(prefix)
  if (sizeBytes <= limits.keyMaxBytes) return
  throw new S3Error('KeyTooLongError', 'Your key is too long', {
    Size: String(sizeBytes),
    MaxSizeAllowed: String(limits.keyMaxBytes),
  })
}

/** A page size: absent or empty is S3's thousand, and more than that is clipped to it. */
function readPageLimit(query: Query, name: string): number {
  const value = query.get(name)
  if (value === undefined || value === '') return limits.listPageMax
  const limit = readInteger(value, name, { minimum: 0, maximum: limits.integerMax })!
  return Math.min(limit, limits.listPageMax)
}
