import { S3Error } from '../s3-error.js'
import { addHoisted } from './header-view.js'
import type { HeaderMap } from './request-headers.js'
import type { QueryParameter } from './request-target.js'
import { readRequestTime } from './request-time.js'

/** What a request signed by Signature Version 2 says of itself, before anything of it is believed. */
export type Version2Claim = {
  readonly version: 2
  readonly accessKeyId: string
  /** Base64. */
  readonly signature: string
  /** The fourth line of what is signed: a date, nothing when `x-amz-date` stands in for it, or the end of a URL's life. */
  readonly dateLine: string
  /** The headers that are signed, those among them that a URL carries in its query. */
  readonly headers: HeaderMap
  readonly sessionToken?: string
} & (
  | { readonly form: 'header'; readonly time: number; readonly timestamp: string }
  | { readonly form: 'query'; readonly expires: number }
)

/** Reads `AWS AKID:signature`. */
export function readVersion2Header(headers: HeaderMap): Version2Claim {
  const authorization = headers.get('authorization') ?? ''
  const [, accessKeyId, signature] = /^AWS +(\S+):([^\s:]+)$/.exec(authorization) ?? []
  if (accessKeyId === undefined || signature === undefined)
    throw new S3Error(
      'InvalidArgument',
      'AWS authorization header is invalid. Expected AwsAccessKeyId:signature',
      { ArgumentName: 'Authorization', ArgumentValue: authorization },
    )
  return {
    version: 2,
    form: 'header',
    accessKeyId,
    signature,
    dateLine: headers.has('x-amz-date') ? '' : (headers.get('date') ?? ''),
    ...readRequestTime(headers),
    headers,
    ...tokenOf(headers),
  }
}

/** Reads the query form: a presigned URL, which names the second it ends at. */
export function readVersion2Query(parameters: readonly QueryParameter[], received: HeaderMap): Version2Claim {
  const given = new Map<string, string>()
  for (const { name, value } of parameters) {
    if (!VERSION_2_PARAMETERS.has(name)) continue
    if (given.has(name)) throw new S3Error('AccessDenied', `${name} is given twice.`)
    given.set(name, value)
  }
  const [accessKeyId, signature, expires] = ['AWSAccessKeyId', 'Signature', 'Expires'].map((name) =>
    given.get(name),
  )
  if (!accessKeyId || !signature || !expires)
    throw new S3Error(
      'AccessDenied',
      'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters',
    )
  // Twelve digits reach beyond the year 30000 and stay within what a date can be.
  if (!/^\d{1,12}$/.test(expires))
    throw new S3Error('AccessDenied', `Invalid date (should be seconds since epoch): ${expires}`)
  const { headers } = addHoisted(received, parameters, 'enforce', 2)
  return {
    version: 2,
    form: 'query',
    accessKeyId,
    // A plus that came unencoded was read as a space, which base64 does not have.
    signature: signature.replaceAll(' ', '+'),
    dateLine: expires,
    expires: Number(expires) * 1_000,
    headers,
    ...tokenOf(headers),
  }
}

/** Names of the query that sign rather than ask. */
export const VERSION_2_PARAMETERS: ReadonlySet<string> = new Set(['AWSAccessKeyId', 'Signature', 'Expires'])

function tokenOf(headers: HeaderMap): { sessionToken?: string } {
  const sessionToken = headers.get('x-amz-security-token')
  return sessionToken ? { sessionToken } : {}
}
