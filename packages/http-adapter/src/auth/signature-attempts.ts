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

/**
 * Every reading under which an honest client may have signed: for each origin the path in canonical form, then, for
 * clients that sign what they send, the path as sent. Made one by one; an ordinary request needs only the first.
 */
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
export function findMatch(signed: SignedRequest, origins: readonly Origin[], key: Buffer): Origin {
  const { accessKeyId, timestamp, scope, signature } = signed.claim
  let likeliest: { readonly canonical: string; readonly text: string } | undefined
  for (const { origin, parts } of readings(signed, origins)) {
    const canonical = canonicalRequest(parts)
    const text = stringToSign(canonical, timestamp, scopeText(scope))
    if (sameSignature(sign(key, text), signature)) return origin
    likeliest ??= { canonical, text }
  }
  throw signatureMismatch(accessKeyId, likeliest!.text, signature, likeliest!.canonical)
}
