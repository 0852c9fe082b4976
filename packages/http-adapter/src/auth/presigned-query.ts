import { limits } from '../limits.js'
import { S3Error } from '../s3-error.js'
import { ALGORITHM } from './canonical-request.js'
import type { HeaderMap } from './request-headers.js'
import type { QueryParameter } from './request-target.js'
import { parseIsoBasic } from './request-time.js'
import {
  EXPECTED_CREDENTIAL,
  isSignature,
  oneToken,
  parseCredential,
  parseSignedHeaders,
  type SignatureClaim,
} from './signature-claim.js'

export const malformedQuery = (message: string, elements: Record<string, string> = {}): S3Error =>
  new S3Error('AuthorizationQueryParametersError', message, elements)

const REQUIRED = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-Date',
  'X-Amz-SignedHeaders',
  'X-Amz-Expires',
] as const

/** Names of the query that sign rather than ask, as S3 matches them: by case. */
export const SIGNING_PARAMETERS: ReadonlySet<string> = new Set([
  ...REQUIRED,
  'X-Amz-Security-Token',
  'X-Amz-S3session-Token',
])

/** Reads the query form: a presigned URL. */
export function readQueryClaim(
  parameters: readonly QueryParameter[],
  headers: HeaderMap,
  takesBucketSessions = false,
): SignatureClaim {
  const given = readGiven(parameters)
  const take = (name: (typeof REQUIRED)[number]): string => given.get(name)!
  if (take('X-Amz-Algorithm') !== ALGORITHM)
    throw malformedQuery(`X-Amz-Algorithm only supports "${ALGORITHM}"`)
  const credential = parseCredential(take('X-Amz-Credential'))
  if (credential === undefined)
    throw malformedQuery(
      `Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting ${EXPECTED_CREDENTIAL}.`,
    )
  if (credential.terminal !== 'aws4_request')
    throw malformedQuery(
      `Error parsing the X-Amz-Credential parameter; incorrect terminal "${credential.terminal}". This endpoint uses "aws4_request".`,
    )
  const signedHeaders = parseSignedHeaders(take('X-Amz-SignedHeaders'))
  if (signedHeaders === undefined)
    throw malformedQuery('Error parsing the X-Amz-SignedHeaders parameter; it must list header names.')
  if (!isSignature(take('X-Amz-Signature')))
    throw malformedQuery('Error parsing the X-Amz-Signature parameter; it must be 64 lower-case hex digits.')

  const timestamp = take('X-Amz-Date')
  const time = parseIsoBasic(timestamp)
  if (time === undefined)
    throw malformedQuery("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
  if (timestamp.slice(0, 8) !== credential.scope.date)
    throw malformedQuery(
      `Invalid credential date "${credential.scope.date}". This date is not the same as X-Amz-Date: "${timestamp.slice(0, 8)}".`,
    )
  const sessionToken = oneToken(
    given.get('X-Amz-Security-Token'),
    takesBucketSessions ? given.get('X-Amz-S3session-Token') : undefined,
  )
  return {
    version: 4,
    form: 'query',
    accessKeyId: credential.accessKeyId,
    scope: credential.scope,
    signedHeaders,
    signature: take('X-Amz-Signature'),
    timestamp,
    time,
    expiresSeconds: parseExpires(take('X-Amz-Expires')),
    ...(sessionToken ? { sessionToken } : {}),
    payloadHash: readPayloadHash(parameters, headers),
  }
}

function readGiven(parameters: readonly QueryParameter[]): Map<string, string> {
  const given = new Map<string, string>()
  for (const { name, value } of parameters) {
    if (!SIGNING_PARAMETERS.has(name)) continue
    if (given.has(name)) throw malformedQuery(`${name} is given twice.`)
    given.set(name, value)
  }
  if (REQUIRED.some((name) => !given.get(name)))
    throw malformedQuery(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    )
  return given
}

function parseExpires(text: string): number {
  if (!/^-?\d+$/.test(text)) throw malformedQuery('X-Amz-Expires should be a number')
  if (text.startsWith('-')) throw malformedQuery('X-Amz-Expires must be non-negative')
  const seconds = Number(text)
  const maximum = limits.presignedExpiresMaxSeconds
  if (seconds > maximum)
    throw malformedQuery(
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${maximum} seconds`,
    )
  return seconds
}

/** What is in the query is signed with it; what is in a header must be listed among the signed ones. */
function readPayloadHash(parameters: readonly QueryParameter[], headers: HeaderMap): string {
  const header = headers.get('x-amz-content-sha256')
  const values = parameters.filter(({ name }) => name.toLowerCase() === 'x-amz-content-sha256')
  const stated = new Set(values.map(({ value }) => value))
  if (header !== undefined) stated.add(header)
  if (stated.size > 1) throw malformedQuery('X-Amz-Content-Sha256 is given with two values.')
  const [only] = stated
  return only ?? 'UNSIGNED-PAYLOAD'
}
