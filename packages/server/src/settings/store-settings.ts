import { directorySetting, type SettingsOf, type SettingsTable, switchSetting } from './setting.js'

const directory = directorySetting('data directory of a server that is stopped')
const json = switchSetting('JSON, one object a line, for programs')

/** Every setting of `aquifer verify`. */
export const verifySettings = { directory, json } satisfies SettingsTable

/** Every setting of `aquifer stat`. */
export const statSettings = { directory, json } satisfies SettingsTable

/** Every setting of `aquifer rebuild-index`. */
export const rebuildIndexSettings = {
  directory,
  acceptLoss: switchSetting('go on without what the journal has lost, and list the gaps'),
} satisfies SettingsTable

/** Every setting of `aquifer clock confirm`. */
export const confirmClockSettings = { directory } satisfies SettingsTable

export type VerifySettings = SettingsOf<typeof verifySettings>
export type StatSettings = SettingsOf<typeof statSettings>
export type ConfirmClockSettings = SettingsOf<typeof confirmClockSettings>
export type RebuildIndexSettings = SettingsOf<typeof rebuildIndexSettings>
