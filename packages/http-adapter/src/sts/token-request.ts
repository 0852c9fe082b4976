import { hash } from 'node:crypto'
import { type AddressSettings, readAddress } from '../address.js'
import { findClaim } from '../auth/find-claim.js'
import { contentSha256Mismatch } from '../auth/payload.js'
import type { HeaderMap } from '../auth/request-headers.js'
import type { RequestTarget } from '../auth/request-target.js'
import type { SignatureClaim } from '../auth/signature-claim.js'
import { limits } from '../limits.js'
import type { AdapterRequest } from '../request.js'
import { S3Error } from '../s3-error.js'
import { readBytes } from '../wire/read-bytes.js'

/** Whether a request is for the Security Token Service: S3 has nothing that is posted to no bucket. */
export function isTokenRequest(
  { method, rawUrl }: Pick<AdapterRequest, 'method' | 'rawUrl'>,
  host: string | undefined,
  settings: AddressSettings,
): boolean {
  if (method !== 'POST') return false
  try {
    return readAddress(rawUrl, host, settings).level === 'service'
  } catch (error) {
    if (error instanceof S3Error) return false
    throw error
  }
}

/** With its body, which its signature is over: most clients of this service send no hash of it beside. */
export async function takeTokenRequest(
  request: AdapterRequest,
): Promise<{ readonly request: AdapterRequest; readonly sha256: string }> {
  const bytes = await readBytes(request.body, limits.tokenRequestMaxBytes)
  async function* body(): AsyncGenerator<Uint8Array> {
    yield bytes
  }
  const { findWholeBody: _, ...rest } = request
  return { request: { ...rest, body: body() }, sha256: hash('sha256', bytes, 'hex') }
}

/**
 * How it is signed, if it is: in its headers, and over its body, where its action stands.
 *
 * @throws {@link S3Error} `AccessDenied` where the signature leaves the body open, and what `findClaim` throws.
 */
export function findTokenClaim(
  target: RequestTarget,
  headers: HeaderMap,
  sha256: string,
): SignatureClaim | undefined {
  const stated = headers.get('x-amz-content-sha256')
  const claim = findClaim(target, new Map(headers).set('x-amz-content-sha256', stated ?? sha256))
  if (claim === undefined) return undefined
  if (claim.version !== 4 || claim.form !== 'header' || !/^[0-9a-fA-F]{64}$/.test(claim.payloadHash))
    throw new S3Error('AccessDenied', 'Sign the request in its headers, and over its body.')
  if (claim.payloadHash.toLowerCase() !== sha256) throw contentSha256Mismatch(claim.payloadHash, sha256)
  return claim
}
