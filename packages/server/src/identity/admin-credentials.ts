import { resolve } from 'node:path'
import type { SigningKey } from '@aquifer/targets'
import { findRootCredentials } from '../credentials.js'
import { CommandFailure } from '../failure.js'
import type { AdministeredSettings } from './identity-settings.js'

/**
 * Whom a server is asked as: the key pair given for this, else root's, as far as this user can read it.
 *
 * @throws {@link CommandFailure} `credentials`.
 */
export async function findAdminCredentials(settings: AdministeredSettings): Promise<SigningKey> {
  const { adminAccessKey, adminSecretKey, adminSessionToken, rootAccessKey, rootSecretKey } = settings
  if (adminAccessKey !== undefined && adminSecretKey !== undefined)
    return {
      accessKeyId: adminAccessKey,
      secretAccessKey: adminSecretKey,
      sessionToken: adminSessionToken,
    }
  if (adminAccessKey !== undefined || adminSecretKey !== undefined)
    throw new CommandFailure(
      'credentials',
      'Only one of AQUIFER_ADMIN_ACCESS_KEY and AQUIFER_ADMIN_SECRET_KEY is set.',
      'Set both, or neither.',
    )
  const directory = resolve(settings.directory)
  const pair = await findRootCredentials(directory, {
    accessKeyId: rootAccessKey,
    secretAccessKey: rootSecretKey,
  })
  if (pair !== undefined) return pair
  throw new CommandFailure(
    'credentials',
    'There is no key to sign the request with.',
    "Set AQUIFER_ADMIN_ACCESS_KEY and AQUIFER_ADMIN_SECRET_KEY, or name the server's data directory with --data.",
  )
}
