import { type CanonicalParts, canonicalQuery, canonicalRequest, stringToSign } from './canonical-request.js'
import type { Origin } from './origins.js'
import type { HeaderMap } from './request-headers.js'
import type { RequestTarget } from './request-target.js'
import { sameSignature, signatureMismatch } from './signature.js'
import type { SignatureClaim } from './signature-claim.js'
import { scopeText, sign } from './signing-keys.js'

export interface SignedRequest {
  readonly method: string
  readonly target: RequestTarget
  readonly headers: HeaderMap
  readonly claim: SignatureClaim
}

/** One reading of the request, and the signature it ought to have. */
export interface Attempt {
  readonly origin: Origin
  readonly canonicalRequest: string
  readonly stringToSign: string
  readonly signature: string
}

/**
 * Every reading under which an honest client may have signed: for each origin the path in canonical form, then, for
 * clients that sign what they send, the path as sent. Made one by one; an ordinary request needs only the first.
 */
export function* trySignatures(
  signed: SignedRequest,
  origins: readonly Origin[],
  key: Buffer,
): Generator<Attempt, void, undefined> {
  const { timestamp, scope } = signed.claim
  for (const { origin, parts } of readings(signed, origins)) {
    const canonical = canonicalRequest(parts)
    const text = stringToSign(canonical, timestamp, scopeText(scope))
    yield { origin, canonicalRequest: canonical, stringToSign: text, signature: sign(key, text) }
  }
}

export function* readings(
  { method, target, headers, claim }: SignedRequest,
  origins: readonly Origin[],
): Generator<{ origin: Origin; parts: CanonicalParts }, void, undefined> {
  const { signedHeaders, payloadHash } = claim
  const query = canonicalQuery(target.parameters)
  for (const origin of origins) {
    const { host, pathPrefix } = origin
    const parts = { method, query, headers, host, signedHeaders, payloadHash }
    const { canonicalPath, rawPath } = target
    yield { origin, parts: { ...parts, path: pathPrefix + canonicalPath } }
    if (rawPath !== canonicalPath) yield { origin, parts: { ...parts, path: pathPrefix + rawPath } }
  }
}

/** @throws {@link S3Error} `SignatureDoesNotMatch`, showing the likeliest reading. */
export function findMatch(attempts: Iterable<Attempt>, claim: SignatureClaim): Attempt {
  let likeliest: Attempt | undefined
  for (const attempt of attempts) {
    if (sameSignature(attempt.signature, claim.signature)) return attempt
    likeliest ??= attempt
  }
  const { stringToSign: text, canonicalRequest: canonical } = likeliest!
  throw signatureMismatch(claim.accessKeyId, text, claim.signature, canonical)
}
