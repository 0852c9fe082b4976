import type { OpenEngine } from '@aquifer/engine'
import { type CredentialsProvider, identityCredentials } from '@aquifer/http-adapter'
import type { RootCredentials } from '../credentials.js'

/** The root user: its canonical id is the same in every store, so that a directory may move between machines. */
export const root = {
  id: '5c0e9b0b5d3f5f1d7c7b2b6d2f0e8a4c9d1e3f5a7b9c0d2e4f6a8b0c1d3e5f70',
  displayName: 'root',
} as const

type RootPair = Pick<RootCredentials, 'accessKeyId' | 'secretAccessKey'>

/** Root's pair, which the store does not know, then those of the store's users: nobody's key is taken for root's. */
export function knownKeys({ identities }: OpenEngine, pair: RootPair): CredentialsProvider {
  const { id, displayName } = root
  const ofRoot = {
    secretAccessKey: pair.secretAccessKey,
    ownerId: id,
    displayName,
    identity: { kind: 'root', id, name: displayName, displayName, accessKeyId: pair.accessKeyId },
  } as const
  return identityCredentials(identities, {
    findCredentials: (accessKeyId) => (accessKeyId === pair.accessKeyId ? ofRoot : undefined),
  })
}
