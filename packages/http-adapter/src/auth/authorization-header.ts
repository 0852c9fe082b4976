import { S3Error } from '../s3-error.js'
import { ALGORITHM } from './canonical-request.js'
import type { HeaderMap } from './request-headers.js'
import { readRequestTime } from './request-time.js'
import {
  EXPECTED_CREDENTIAL,
  isSignature,
  oneToken,
  parseCredential,
  parseSignedHeaders,
  type SignatureClaim,
} from './signature-claim.js'

/** Also the answer to an `x-amz-date` of another day than the scope's, and to a wrong region or service. */
export const malformedHeader = (what: string, elements: Record<string, string> = {}): S3Error =>
  new S3Error('AuthorizationHeaderMalformed', `The authorization header is malformed; ${what}`, elements)

/** Reads `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`. */
export function readHeaderClaim(headers: HeaderMap, takesBucketSessions = false): SignatureClaim {
  const fields = readFields(headers.get('authorization') ?? '')
  const credential = parseCredential(fields.Credential)
  if (credential === undefined)
    throw malformedHeader(`the Credential is mal-formed; expecting ${EXPECTED_CREDENTIAL}.`)
  if (credential.terminal !== 'aws4_request')
    throw malformedHeader(`incorrect terminal "${credential.terminal}". This endpoint uses "aws4_request".`)
  const signedHeaders = parseSignedHeaders(fields.SignedHeaders)
  if (signedHeaders === undefined) throw malformedHeader('the SignedHeaders list is mal-formed.')
  if (!isSignature(fields.Signature)) throw malformedHeader('the Signature is not 64 lower-case hex digits.')

  const { time, timestamp } = readRequestTime(headers)
  if (timestamp.slice(0, 8) !== credential.scope.date)
    throw malformedHeader(
      `Invalid credential date "${credential.scope.date}". This date is not the same as X-Amz-Date: "${timestamp.slice(0, 8)}".`,
    )
  const payloadHash = headers.get('x-amz-content-sha256')
  if (payloadHash === undefined)
    throw new S3Error('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256')
  const sessionToken = oneToken(
    headers.get('x-amz-security-token'),
    takesBucketSessions ? headers.get('x-amz-s3session-token') : undefined,
  )
  return {
    version: 4,
    form: 'header',
    accessKeyId: credential.accessKeyId,
    scope: credential.scope,
    signedHeaders,
    signature: fields.Signature,
    timestamp,
    time,
    ...(sessionToken ? { sessionToken } : {}),
    payloadHash,
  }
}

function readFields(authorization: string): Record<'Credential' | 'SignedHeaders' | 'Signature', string> {
  const fields = new Map<string, string>()
  for (const text of authorization.slice(ALGORITHM.length + 1).split(',')) {
    const field = text.trim()
    const equals = field.indexOf('=')
    const name = field.slice(0, Math.max(equals, 0))
    if (fields.has(name)) throw malformedHeader(`${name} is given twice.`)
    fields.set(name, field.slice(equals + 1))
  }
  const take = (name: string): string => {
    const value = fields.get(name)
    if (value === undefined) throw malformedHeader(`missing ${name}.`)
    fields.delete(name)
    return value
  }
  const taken = {
    Credential: take('Credential'),
    SignedHeaders: take('SignedHeaders'),
    Signature: take('Signature'),
  }
  if (fields.size > 0) throw malformedHeader('it holds more than Credential, SignedHeaders and Signature.')
  return taken
}
