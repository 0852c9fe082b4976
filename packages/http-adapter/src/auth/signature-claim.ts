import { S3Error } from '../s3-error.js'
import { rememberingLast } from './remembering-last.js'
import type { CredentialScope } from './signing-keys.js'

/** What a request signed by version 4 says of itself, before anything of it is believed. */
export interface SignatureClaim {
  readonly version: 4
  readonly form: 'header' | 'query'
  readonly accessKeyId: string
  readonly scope: CredentialScope
  /** Lower-case names in the order listed. */
  readonly signedHeaders: readonly string[]
  readonly signature: string
  /** `yyyymmddThhmmssZ`, as it is signed. */
  readonly timestamp: string
  /** The same in milliseconds since 1970. */
  readonly time: number
  /** Query form only. */
  readonly expiresSeconds?: number
  readonly sessionToken?: string
  /** The last line of the canonical request, as is. */
  readonly payloadHash: string
}

/** That of a session of one bucket comes in place of any other. @throws {@link S3Error} `InvalidRequest` */
export function oneToken(
  ofSession: string | undefined,
  ofBucketSession: string | undefined,
): string | undefined {
  if (ofSession && ofBucketSession)
    throw new S3Error(
      'InvalidRequest',
      'A request carries one session token: X-Amz-S3session-Token or another.',
    )
  return ofBucketSession || ofSession
}

/** The parts of `AKID/yyyymmdd/region/service/aws4_request`. The key id itself may hold slashes. */
export interface Credential {
  readonly accessKeyId: string
  readonly scope: CredentialScope
  readonly terminal: string
}

export const parseCredential = rememberingLast((text): Credential | undefined => {
  const fields = text.split('/')
  if (fields.length < 5) return undefined
  const [date, region, service, terminal] = fields.slice(-4)
  const accessKeyId = fields.slice(0, -4).join('/')
  if (accessKeyId === '' || !/^\d{8}$/.test(date!)) return undefined
  return { accessKeyId, scope: { date: date!, region: region!, service: service! }, terminal: terminal! }
})

export const EXPECTED_CREDENTIAL = '"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request"'

/** `undefined` when the list is empty or holds what is no header name. */
export const parseSignedHeaders = rememberingLast((text): readonly string[] | undefined => {
  const names = text.toLowerCase().split(';')
  return names.every((name) => /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)) ? names : undefined
})

export const isSignature = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)
