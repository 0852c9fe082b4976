import { S3Error } from '../s3-error.js'
import type { AuthSettings } from './authenticate.js'
import { readHeaderClaim } from './authorization-header.js'
import { ALGORITHM } from './canonical-request.js'
import { readQueryClaim } from './presigned-query.js'
import type { HeaderMap } from './request-headers.js'
import type { RequestTarget } from './request-target.js'
import type { SignatureClaim } from './signature-claim.js'
import { readVersion2Header, readVersion2Query, type Version2Claim } from './version-2-claim.js'

const VERSION_4_MARKS: ReadonlySet<string> = new Set([
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
])
const VERSION_2_MARKS: ReadonlySet<string> = new Set(['AWSAccessKeyId', 'Signature'])

/** The service that has sessions of one bucket. */
export const BUCKET_SESSIONS = 's3express'

/**
 * Decides by which mechanism a request is signed; `undefined` means by none. Anything that looks like an attempt to
 * sign is either read or refused: a signature we do not know is never taken for no signature.
 */
export function findClaim(
  { parameters }: RequestTarget,
  headers: HeaderMap,
  { signatureV2: takesVersion2 = false, services = [] }: Pick<AuthSettings, 'signatureV2' | 'services'> = {},
): SignatureClaim | Version2Claim | undefined {
  const authorization = headers.get('authorization')
  const marked = (marks: ReadonlySet<string>): boolean => parameters.some(({ name }) => marks.has(name))
  const inQuery = marked(VERSION_4_MARKS)
  const version2InQuery = marked(VERSION_2_MARKS)
  if (Number(authorization !== undefined) + Number(inQuery) + Number(version2InQuery) > 1)
    throw twoMechanisms(authorization)
  const takesBucketSessions = services.includes(BUCKET_SESSIONS)
  if (inQuery) return readQueryClaim(parameters, headers, takesBucketSessions)
  if (version2InQuery) return takesVersion2 ? readVersion2Query(parameters, headers) : refuseVersion2()
  if (authorization === undefined) return undefined
  if (authorization.startsWith(`${ALGORITHM} `)) return readHeaderClaim(headers, takesBucketSessions)
  if (authorization.startsWith('AWS ')) return takesVersion2 ? readVersion2Header(headers) : refuseVersion2()
  if (authorization.startsWith('AWS')) throw unsupportedMechanism()
  throw new S3Error('InvalidArgument', 'Unsupported Authorization Type', {
    ArgumentName: 'Authorization',
    ArgumentValue: authorization,
  })
}

export const twoMechanisms = (authorization: string | undefined): S3Error =>
  new S3Error(
    'InvalidArgument',
    'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
    { ArgumentName: 'Authorization', ArgumentValue: authorization ?? 'null' },
  )

export const unsupportedMechanism = (remedies = ''): S3Error =>
  new S3Error(
    'InvalidRequest',
    `The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.${remedies}`,
  )

/** Off by default: its HMAC-SHA1 leaves the payload and most headers unsigned. */
export function refuseVersion2(): never {
  throw unsupportedMechanism(
    ' This is Signature Version 2. Set signature_version = s3v4 in the client, or start the server with --signature-v2 (signatureV2: true in the adapter).',
  )
}
