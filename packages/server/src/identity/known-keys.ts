import type { Engine, Principal } from '@aquifer/engine'
import type { AccessRequest, CredentialsProvider } from '@aquifer/http-adapter'
import type { RootCredentials } from '../credentials.js'

/** The root user: its canonical id is the same in every store, so that a directory may move between machines. */
export const root = {
  id: '5c0e9b0b5d3f5f1d7c7b2b6d2f0e8a4c9d1e3f5a7b9c0d2e4f6a8b0c1d3e5f70',
  displayName: 'root',
} as const

type RootPair = Pick<RootCredentials, 'accessKeyId' | 'secretAccessKey'>

/** Root's pair, which the store does not know, then those of the store's users: nobody's key is taken for root's. */
export function knownKeys({ identities }: Engine, pair: RootPair): CredentialsProvider {
  const ofRoot = {
    secretAccessKey: pair.secretAccessKey,
    ownerId: root.id,
    displayName: root.displayName,
  }
  return {
    async findCredentials(accessKeyId) {
      if (accessKeyId === pair.accessKeyId) return ofRoot
      const found = await identities.findAccessKey(accessKeyId)
      if (found === undefined) return undefined
      const { principal, expiresAt, ...secret } = found
      return {
        ...secret,
        ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.getTime() }),
        ownerId: principal.id,
        displayName: principal.displayName,
      }
    },
  }
}

/** Whose key it is, as the engine is asked about them: it looks up by the key alone what may be done with it. */
export function principalOf(
  { anonymous, accessKeyId, ownerId: id, displayName }: AccessRequest['principal'],
  pair: RootPair,
): Principal {
  const known = { id, displayName, name: displayName }
  if (anonymous || accessKeyId === undefined) return { kind: 'anonymous', ...known }
  if (accessKeyId === pair.accessKeyId) return { kind: 'root', accessKeyId, ...known }
  return { kind: 'user', accessKeyId, ...known }
}
