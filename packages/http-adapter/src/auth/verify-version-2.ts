import { createHmac } from 'node:crypto'
import type { AddressSettings } from '../address.js'
import { S3Error } from '../s3-error.js'
import type { AuthSettings } from './authenticate.js'
import { checkExpiry, checkSkew, isOfStores } from './claim-checks.js'
import { checkCredentials } from './credentials.js'
import type { Origin } from './origins.js'
import { VerifiedPayload } from './payload.js'
import { decidePayload } from './payload-mode.js'
import { sameSignature, signatureMismatch } from './signature.js'
import { type Verify, viewOf } from './verification.js'
import type { Version2Claim } from './version-2-claim.js'
import {
  SIGNED_PARAMETERS,
  type Version2Parts,
  version2Readings,
  version2String,
} from './version-2-string.js'

export function createVersion2(settings: AuthSettings): Verify<Version2Claim> {
  const now = settings.now ?? Date.now
  const naming = version2Naming(settings)
  return async (claim, arrived) => {
    const { request, target, origins } = arrived
    checkVersion2Time(claim, now())
    const found = await settings.credentials.findCredentials(claim.accessKeyId)
    const credentials = checkCredentials(claim, found, now())
    const readings = version2Readings(request.method, target, claim, origins.candidates, naming)
    const origin = findOrigin(readings, claim, credentials.secretAccessKey)

    const view = viewOf(claim, arrived, settings)
    const unsignable = [...view.keys()].filter(isOfStores)
    if (unsignable.length > 0)
      throw new S3Error('AccessDenied', 'There were headers present in the request which were not signed', {
        HeadersNotSigned: unsignable.join(', '),
      })
    const sha256 = view.get('x-amz-content-sha256')
    const payload = new VerifiedPayload(decidePayload(sha256, view, 'version-2'), request, { sha256 })
    const unsigned = target.parameters.map(({ name }) => name).filter((name) => !SIGNED_PARAMETERS.has(name))
    return { credentials, origin, headers: view, payload, unsignedParameters: new Set(unsigned) }
  }
}

/** How a request names its bucket, which is signed. */
export const version2Naming = ({
  domains = [],
  basePath = '',
}: Pick<AuthSettings, 'domains' | 'basePath'>): AddressSettings => ({
  domains: domains.map((domain) => domain.toLowerCase()),
  basePath: basePath.replace(/\/+$/, ''),
})

/** A URL may last as long as its maker likes: version 2 has no start to measure from. */
export function checkVersion2Time(claim: Version2Claim, now: number): void {
  if (claim.form === 'query') checkExpiry(claim.expires, now)
  else checkSkew(claim.time, claim.timestamp, now)
}

export const signVersion2 = (secretAccessKey: string, text: string): string =>
  createHmac('sha1', secretAccessKey).update(text, 'latin1').digest('base64')

function findOrigin(
  readings: Iterable<{ origin: Origin; parts: Version2Parts }>,
  { accessKeyId, signature }: Version2Claim,
  secretAccessKey: string,
): Origin {
  let likeliest: string | undefined
  for (const { origin, parts } of readings) {
    const text = version2String(parts)
    if (sameSignature(signVersion2(secretAccessKey, text), signature)) return origin
    likeliest ??= text
  }
  throw signatureMismatch(accessKeyId, likeliest!, signature)
}
