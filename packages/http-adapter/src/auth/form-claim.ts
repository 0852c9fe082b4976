import { invalidArgument, type S3Error } from '../s3-error.js'
import { ALGORITHM } from './canonical-request.js'
import { refuseVersion2, twoMechanisms, unsupportedMechanism } from './find-claim.js'
import { malformedQuery } from './presigned-query.js'
import { parseIsoBasic } from './request-time.js'
import { EXPECTED_CREDENTIAL, isSignature, parseCredential } from './signature-claim.js'
import type { CredentialScope } from './signing-keys.js'

/** What a form says of its signature, which is over its policy alone, before anything of it is believed. */
export type FormClaim = {
  readonly accessKeyId: string
  readonly signature: string
  /** Base64, as it is signed. */
  readonly policy: string
  readonly sessionToken?: string
} & (
  | {
      readonly version: 4
      readonly scope: CredentialScope
      readonly timestamp: string
      readonly time: number
    }
  | { readonly version: 2 }
)

type Fields = ReadonlyMap<string, string>

const VERSION_4_FIELDS = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature'] as const
const VERSION_2_FIELDS = ['AWSAccessKeyId', 'signature'] as const

/**
 * Decides by which mechanism a form is signed; `undefined` means by none. As with requests, what looks like an attempt
 * to sign is read or refused.
 *
 * @throws {@link S3Error} `InvalidArgument`, `InvalidRequest`, `AuthorizationQueryParametersError`
 */
export function findFormClaim(fields: Fields, takesVersion2 = false): FormClaim | undefined {
  const isMarked = (names: readonly string[]): boolean => names.some((name) => fields.has(name.toLowerCase()))
  const [by4, by2] = [isMarked(VERSION_4_FIELDS), isMarked(VERSION_2_FIELDS)]
  if (by4 && by2) throw twoMechanisms(undefined)
  if (by2) return takesVersion2 ? readVersion2(fields) : refuseVersion2()
  return by4 || fields.has('policy') ? readVersion4(fields) : undefined
}

function readVersion4(fields: Fields): FormClaim {
  const policy = take(fields, 'policy')
  const [algorithm, credentialText, timestamp, signature] = VERSION_4_FIELDS.map((name) => take(fields, name))
  if (algorithm !== ALGORITHM) throw unsupportedMechanism()
  const credential = parseCredential(credentialText!)
  if (credential === undefined)
    throw malformed('Credential', `the Credential is mal-formed; expecting ${EXPECTED_CREDENTIAL}.`)
  const { accessKeyId, scope, terminal } = credential
  if (terminal !== 'aws4_request')
    throw malformed('Credential', `incorrect terminal "${terminal}". This endpoint uses "aws4_request".`)
  const time = parseIsoBasic(timestamp!)
  if (time === undefined)
    throw malformed('Date', "it must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
  if (!timestamp!.startsWith(scope.date))
    throw malformed('Date', `its day is not that of the Credential, "${scope.date}".`)
  if (!isSignature(signature!)) throw malformed('Signature', 'it must be 64 lower-case hex digits.')
  return {
    version: 4,
    accessKeyId,
    scope,
    timestamp: timestamp!,
    time,
    signature: signature!,
    policy,
    ...tokenOf(fields),
  }
}

function readVersion2(fields: Fields): FormClaim {
  const policy = take(fields, 'policy')
  const [accessKeyId, signature] = VERSION_2_FIELDS.map((name) => take(fields, name))
  return { version: 2, accessKeyId: accessKeyId!, signature: signature!, policy, ...tokenOf(fields) }
}

function take(fields: Fields, name: string): string {
  const value = fields.get(name.toLowerCase())
  if (value === undefined || value === '') throw missingField(name)
  return value
}

export const missingField = (name: string): S3Error =>
  invalidArgument(
    `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
    name,
    '',
  )

const malformed = (what: string, why: string): S3Error =>
  malformedQuery(`Error parsing the X-Amz-${what} parameter; ${why}`)

function tokenOf(fields: Fields): { sessionToken?: string } {
  const sessionToken = fields.get('x-amz-security-token')
  return sessionToken ? { sessionToken } : {}
}
