import { canonicalQuery, canonicalRequest, stringToSign } from './canonical-request.js'
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
  { method, target, headers, claim }: SignedRequest,
  origins: readonly Origin[],
  key: Buffer,
): Generator<Attempt, void, undefined> {
  const query = canonicalQuery(target.parameters)
  const scope = scopeText(claim.scope)
  for (const origin of origins) {
    for (const path of new Set([target.canonicalPath, target.rawPath])) {
      const canonical = canonicalRequest({
        method,
        path: origin.pathPrefix + path,
        query,
        headers,
        host: origin.host,
        signedHeaders: claim.signedHeaders,
        payloadHash: claim.payloadHash,
      })
      const text = stringToSign(canonical, claim.timestamp, scope)
      yield { origin, canonicalRequest: canonical, stringToSign: text, signature: sign(key, text) }
    }
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
