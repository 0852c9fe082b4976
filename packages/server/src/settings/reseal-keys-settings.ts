import { administeredSettings } from '../identity/identity-settings.js'
import { sealingKeySetting } from './sealing-key-setting.js'
import type { SettingsOf, SettingsTable } from './setting.js'

/** Every setting of `aquifer key reseal`. */
export const resealKeysSettings = {
  directory: { ...administeredSettings.directory, help: 'data directory of a server that is stopped' },
  sealingKey: sealingKeySetting,
  newSealingKey: {
    ...sealingKeySetting,
    help: 'the key to seal under from now on, instead of a generated one',
  },
} satisfies SettingsTable

export type ResealKeysSettings = SettingsOf<typeof resealKeysSettings>
