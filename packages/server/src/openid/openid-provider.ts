import { S3Error, type WebIdentityProvider } from '@aquifer/http-adapter'
import { errors, type JWTPayload, jwtVerify } from 'jose'
import { KeysUnavailable, type ProviderKeys } from './provider-keys.js'

export interface OpenidOptions {
  readonly keys: Pick<ProviderKeys, 'find'>
  /** What `iss` must be. */
  readonly issuer: string
  /** What must be in `aud`: a token made for somebody else says nothing here. */
  readonly clientId: string
  /** The claim that names the policies of the store by which alone a session may do anything. */
  readonly claimName: string
  /** Milliseconds since 1970. @defaultValue `Date.now` */
  readonly now?: () => number
}

/**
 * The algorithms by which a token may be signed, whatever it says itself: with `none` anybody could have made it, and with
 * one of a shared secret, such as HS256, whoever knows the public key.
 */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]
/** How far the provider's clock may be off. */
const CLOCK_TOLERANCE_SECONDS = 30

/** Tokens of an OpenID Connect provider. Source: OpenID Connect Core 1.0, "ID Token Validation"; RFC 8725. */
export function openidProvider({
  keys,
  issuer,
  clientId,
  claimName,
  now,
}: OpenidOptions): WebIdentityProvider {
  return {
    async verify(token) {
      const claims = await verified(token, { keys, issuer, clientId, claimName, ...(now && { now }) })
      return {
        issuer,
        subject: claims.sub ?? '',
        audience: clientId,
        policies: policiesIn(claims, claimName),
      }
    },
  }
}

async function verified(
  token: string,
  { keys, issuer, clientId, now = Date.now }: OpenidOptions,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys.find, {
      algorithms: ALGORITHMS,
      issuer,
      audience: clientId,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now()),
    })
    return payload
  } catch (error) {
    if (error instanceof KeysUnavailable)
      throw new S3Error('STSNotInitialized', error.message, {}, {}, { cause: error })
    if (error instanceof errors.JWTExpired)
      throw new S3Error('ExpiredToken', 'The token has expired.', {}, {}, { cause: error })
    // What a key cannot do is a TypeError of jose's.
    const why = error instanceof errors.JOSEError ? error.message : 'it cannot be verified'
    throw new S3Error('InvalidIdentityToken', `The token is refused: ${why}.`, {}, {}, { cause: error })
  }
}

/** Names in a list, or in one text with commas. */
function policiesIn(claims: JWTPayload, claimName: string): string[] {
  const claim = Object.hasOwn(claims, claimName) ? claims[claimName] : undefined
  const names = typeof claim === 'string' ? claim.split(',') : Array.isArray(claim) ? claim : []
  return names
    .filter((name) => typeof name === 'string')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
