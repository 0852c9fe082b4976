import { type AddressSettings, findHostBucket } from '../address.js'
import { S3Error } from '../s3-error.js'
import type { Origin } from './origins.js'
import type { RequestTarget } from './request-target.js'
import type { Version2Claim } from './version-2-claim.js'

/**
 * Names of the query that are signed. Whatever else asks for an operation is refused under version 2.
 * Source: S3 User Guide, "Signing and authenticating REST requests (AWS signature version 2)", and what botocore signs.
 */
export const SIGNED_PARAMETERS: ReadonlySet<string> = new Set([
  ...[
    'accelerate',
    'acl',
    'analytics',
    'cors',
    'defaultObjectAcl',
    'delete',
    'inventory',
    'lifecycle',
    'location',
  ],
  ...[
    'logging',
    'metrics',
    'notification',
    'object-lock',
    'partNumber',
    'policy',
    'replication',
    'requestPayment',
  ],
  ...['response-cache-control', 'response-content-disposition', 'response-content-encoding'],
  ...['response-content-language', 'response-content-type', 'response-expires'],
  ...['restore', 'select', 'select-type', 'storageClass', 'tagging', 'torrent', 'uploadId', 'uploads'],
  ...['versionId', 'versioning', 'versions', 'website'],
])

export interface Version2Parts {
  readonly method: string
  readonly contentMd5: string
  readonly contentType: string
  readonly dateLine: string
  /** `x-amz-*` alone, sorted by name. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly resource: string
}

/** The text that is signed, one character a byte. */
export function version2String(parts: Version2Parts): string {
  const { method, contentMd5, contentType, dateLine, headers, resource } = parts
  const lines = headers.map(([name, value]) => `${name}:${value}\n`).join('')
  return `${method}\n${contentMd5}\n${contentType}\n${dateLine}\n${lines}${resource}`
}

/**
 * Every reading under which an honest client may have signed. The path is signed as it was sent, after the bucket
 * when the host names it. A sub-resource without a value may have been sent with or without `=`, and a bucket in the
 * path without the slash that botocore signs at its end; a key with a slash more is another key.
 *
 * @throws {@link S3Error} `InvalidArgument` for a line break in what is signed: lines could pose as others.
 */
export function* version2Readings(
  method: string,
  target: RequestTarget,
  claim: Version2Claim,
  origins: readonly Origin[],
  { domains, basePath }: AddressSettings,
): Generator<{ origin: Origin; parts: Version2Parts }, void, undefined> {
  const headers = [...claim.headers]
    .filter(([name]) => name.startsWith('x-amz-'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const contentMd5 = claim.headers.get('content-md5') ?? ''
  const contentType = claim.headers.get('content-type') ?? ''
  const queries = new Set([signedQuery(target, ''), signedQuery(target, '=')])
  for (const text of [contentMd5, contentType, ...headers.map(([, value]) => value), ...queries]) {
    if (/[\r\n]/.test(text))
      throw new S3Error('InvalidArgument', 'Signature version 2 cannot sign what holds a line break.')
  }
  for (const origin of origins) {
    const bucket = findHostBucket(origin.host, domains)
    const root = (bucket === undefined ? '' : `/${bucket}`) + origin.pathPrefix
    const sent = [target.rawPath, target.canonicalPath]
    const isBucket = bucket === undefined && /^\/[^/]+$/.test(target.rawPath.slice(basePath.length))
    for (const path of new Set(isBucket ? sent.flatMap((one) => [one, `${one}/`]) : sent)) {
      for (const query of queries) {
        const resource = root + path + query
        yield {
          origin,
          parts: { method, contentMd5, contentType, dateLine: claim.dateLine, headers, resource },
        }
      }
    }
  }
}

function signedQuery({ parameters }: RequestTarget, empty: '' | '='): string {
  const texts = parameters
    .filter(({ name }) => SIGNED_PARAMETERS.has(name))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ name, value }) => (value === '' ? name + empty : `${name}=${value}`))
  return texts.length === 0 ? '' : `?${texts.join('&')}`
}
