import type { Identities } from '@aquifer/engine'
import type { Credentials, CredentialsProvider } from '../auth/credentials.js'

/**
 * The keys of the users of an engine's store, for {@link S3HandlerOptions.credentials}.
 *
 * @param others Keys that the store does not know, such as that of the owner of all. They are asked for first, so that no
 * user's key can be taken for one of them.
 */
export function identityCredentials(
  identities: Pick<Identities, 'findAccessKey'>,
  others?: CredentialsProvider,
): CredentialsProvider {
  const find = async (
    accessKeyId: string,
    asked: Credentials | undefined | Promise<Credentials | undefined>,
  ) => {
    const other = await asked
    if (other !== undefined) return other
    const found = await identities.findAccessKey(accessKeyId)
    if (found === undefined) return undefined
    const { principal, expiresAt, ...secret } = found
    return {
      ...secret,
      ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.getTime() }),
      ownerId: principal.id,
      displayName: principal.displayName,
      identity: principal,
    }
  }
  return {
    findCredentials(accessKeyId) {
      const other = others?.findCredentials(accessKeyId)
      return other === undefined || other instanceof Promise ? find(accessKeyId, other) : other
    },
  }
}
