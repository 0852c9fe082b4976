import { administeredSettings } from '../identity/identity-settings.js'
import { sealingKeySetting } from './sealing-key-setting.js'
import { type SettingsOf, type SettingsTable, switchSetting } from './setting.js'

/** Every setting of `aquifer key reseal`. */
export const resealKeysSettings = {
  directory: { ...administeredSettings.directory, help: 'data directory of a server that is stopped' },
  sealingKey: sealingKeySetting,
  newSealingKey: {
    ...sealingKeySetting,
    help: 'the key to seal under from now on, instead of a generated one',
  },
} satisfies SettingsTable

/** Every setting of `aquifer key discard`. */
export const discardKeysSettings = {
  directory: resealKeysSettings.directory,
  acceptLoss: switchSetting('remove every access key: without it nothing is done'),
} satisfies SettingsTable

export type DiscardKeysSettings = SettingsOf<typeof discardKeysSettings>
export type ResealKeysSettings = SettingsOf<typeof resealKeysSettings>
