import type { SettingsOf } from '../settings/setting.js'
import type { Desk } from './identity-command.js'
import type { keyFlags } from './identity-settings.js'

type KeyFlags = Pick<SettingsOf<typeof keyFlags>, 'accessKey' | 'secretKey' | 'expires' | 'description'>

/** What a key is made by, from what the flags say. */
export async function keyInput(
  { accessKey, secretKey, expires, description }: KeyFlags,
  desk: Desk,
): Promise<Record<string, string>> {
  const secretAccessKey = secretKey === '-' ? await desk.readInput() : secretKey
  return {
    ...(accessKey === undefined ? {} : { accessKeyId: accessKey }),
    ...(secretAccessKey === undefined ? {} : { secretAccessKey }),
    ...(expires === undefined ? {} : { expiresAt: expires }),
    ...(description === undefined ? {} : { description }),
  }
}
