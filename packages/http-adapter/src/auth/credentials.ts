import type { Principal as Identity } from '@aquifer/engine'
import { S3Error } from '../s3-error.js'
import type { Principal } from './principal.js'
import { sameSignature } from './signature.js'
import type { SignatureClaim } from './signature-claim.js'

/** A key pair as the owner of identities knows it. */
export interface Credentials {
  readonly secretAccessKey: string
  /** The canonical id that objects written with this key are owned by. */
  readonly ownerId: string
  readonly displayName: string
  /** Whose key it is, as the engine knows it; absent for a key that it does not know. */
  readonly identity?: Identity
  /** Present for temporary keys: the request must carry exactly this token. */
  readonly sessionToken?: string
  /** Milliseconds since 1970 after which the key answers `ExpiredToken`. Absent: it does not expire. */
  readonly expiresAt?: number
}

/** Where secrets come from. It is asked once for each signed request; a cache is its own matter. */
export interface CredentialsProvider {
  findCredentials(accessKeyId: string): Credentials | undefined | Promise<Credentials | undefined>
}

/** Who asks with a key. */
export const principalOf = (
  accessKeyId: string,
  { ownerId, displayName, identity }: Credentials,
): Principal => ({
  anonymous: false,
  accessKeyId,
  ownerId,
  displayName,
  ...(identity === undefined ? {} : { identity }),
})

/** @throws {@link S3Error} `InvalidAccessKeyId`, `InvalidToken`, `ExpiredToken`. */
export function checkCredentials(
  { accessKeyId, sessionToken }: Pick<SignatureClaim, 'accessKeyId' | 'sessionToken'>,
  found: Credentials | undefined,
  now: number,
): Credentials {
  // To whoever does not show its token a temporary key does not exist.
  if (found === undefined || (found.sessionToken !== undefined && sessionToken === undefined))
    throw new S3Error(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
      { AWSAccessKeyId: accessKeyId },
    )
  if (sessionToken !== undefined && !sameSignature(found.sessionToken ?? '', sessionToken))
    throw new S3Error('InvalidToken', 'The provided token is malformed or otherwise invalid.')
  if (found.expiresAt !== undefined && now >= found.expiresAt)
    throw new S3Error('ExpiredToken', 'The provided token has expired.')
  return found
}
