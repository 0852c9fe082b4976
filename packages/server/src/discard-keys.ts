import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CommandFailure } from './failure.js'
import { counted } from './format.js'
import { openToInspect } from './open-engine.js'
import type { Terminal } from './progress-bar.js'
import { KEY_FILE_NAMES } from './sealing-key.js'
import type { DiscardKeysSettings } from './settings/reseal-keys-settings.js'

/**
 * Where the sealing key is lost for good: removes the access keys that nobody can use any more, so that the server
 * starts again, with a new key.
 *
 * @throws {@link CommandFailure} `usage`, `directory`, `damaged`.
 */
export async function discardKeys(
  { directory: given, acceptLoss }: DiscardKeysSettings,
  { stdout }: { stdout: Terminal },
): Promise<void> {
  if (!acceptLoss)
    throw new CommandFailure(
      'usage',
      'This removes every access key of every user.',
      'Say --accept-loss if that is meant. The root key pair, users, groups and policies stay.',
    )
  const directory = resolve(given)
  await using engine = await openToInspect(directory)
  const discarded = await engine.identities.discardKeys()
  // They open nothing any more; another is made at the next start.
  for (const name of KEY_FILE_NAMES) await rm(join(directory, name), { force: true })
  stdout.write(`${counted(discarded, 'access key')} removed. "aquifer key add" makes new ones.\n`)
}
