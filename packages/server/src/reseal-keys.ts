import { resolve } from 'node:path'
import type { Finding } from '@aquifer/engine'
import { nodeDisk } from '@aquifer/engine/stores'
import { openEngine } from './open-engine.js'
import type { Terminal } from './progress-bar.js'
import { prepareNextKey, putNextKeyInPlace, sealingKeySource } from './sealing-key.js'
import type { ResealKeysSettings } from './settings/reseal-keys-settings.js'

/**
 * Seals the secrets of all access keys under another key. The new one is written down before the store knows it, and
 * takes the place of the former one after: whenever this is interrupted, one of the two files opens the store.
 *
 * @throws {@link CommandFailure} `credentials`, `directory`, `damaged`.
 */
export async function resealKeys(
  { directory: given, sealingKey, newSealingKey }: ResealKeysSettings,
  { stdout }: { stdout: Terminal },
): Promise<void> {
  const directory = resolve(given)
  await using engine = await openEngine(directory, {
    background: false,
    createIfMissing: false,
    sealingKey: sealingKeySource(directory, sealingKey),
  })
  if (newSealingKey !== undefined) {
    const damaged = await engine.identities.reseal(newSealingKey)
    stdout.write(
      'The secrets are sealed under AQUIFER_NEW_SEALING_KEY: start the server with AQUIFER_SEALING_KEY set to it.\n',
    )
    tellDamaged(stdout, damaged)
    return
  }
  const damaged = await engine.identities.reseal(await prepareNextKey(directory))
  await putNextKeyInPlace(nodeDisk, directory)
  stdout.write('The secrets are sealed under a new key, which is in the file sealing-key.\n')
  tellDamaged(stdout, damaged)
  if (sealingKey !== undefined)
    stdout.write('AQUIFER_SEALING_KEY is the former one: unset it, or set it to what is in the file.\n')
}

function tellDamaged(stdout: Terminal, damaged: readonly Finding[]): void {
  for (const { detail } of damaged)
    stdout.write(`Not sealed anew, since its row is damaged; what opens it is kept: ${detail}\n`)
}
