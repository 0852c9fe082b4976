import { canonicalRequest, stringToSign } from './canonical-request.js'
import { type ComparedRow, compareCanonicalRequests } from './compare-canonical-requests.js'
import { hypotheses } from './hypotheses.js'
import type { Origin } from './origins.js'
import { readings, type SignedRequest } from './signature-attempts.js'
import { SigningKeys, scopeText, sign } from './signing-keys.js'

/** What is signed, from the request to the text itself. */
export interface Texts {
  /** In Signature Version 2, which has none, the string to sign. */
  readonly canonicalRequest: string
  readonly stringToSign: string
}

/** How one request is signed, for whoever wants to know why its signature does not match. */
export interface Signing {
  /** What an honest client may have signed, the likeliest first. */
  readonly readings: readonly [Texts, ...Texts[]]
  /** What was signed if this is the client's canonical request. */
  textsOf(canonicalRequest: string): Texts
  sign(stringToSign: string): string
  /** What clients and proxies commonly do, and what would have been signed then. */
  hypotheses(): Iterable<{ readonly because: string; readonly texts: Texts }>
  compare(ours: string, theirs: string): ComparedRow[]
}

export function signingByVersion4(
  signed: SignedRequest,
  origins: readonly Origin[],
  secretAccessKey: string,
): Signing {
  const { accessKeyId, scope, timestamp } = signed.claim
  const key = new SigningKeys().get(accessKeyId, secretAccessKey, scope)
  const textsOf = (canonical: string): Texts => ({
    canonicalRequest: canonical,
    stringToSign: stringToSign(canonical, timestamp, scopeText(scope)),
  })
  const [likeliest, ...others] = [...readings(signed, origins)].map(({ parts }) =>
    textsOf(canonicalRequest(parts)),
  )
  return {
    readings: [likeliest!, ...others],
    textsOf,
    sign: (text) => sign(key, text),
    *hypotheses() {
      for (const { parts } of readings(signed, origins)) {
        for (const { because, parts: others } of hypotheses(parts, signed.target))
          yield { because, texts: textsOf(canonicalRequest(others)) }
      }
    },
    compare: compareCanonicalRequests,
  }
}
