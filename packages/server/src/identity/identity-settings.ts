import { z } from 'zod'
import { sealingKeySetting } from '../settings/sealing-key-setting.js'
import { serveSettings } from '../settings/serve-settings.js'
import { type SettingsOf, type SettingsTable, switchSetting } from '../settings/setting.js'

const isServerUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash } = new URL(text)
  return /^https?:$/.test(protocol) && username + password + search + hash === ''
}

/** Where identities are administered, and as whom: the settings that all such commands have. */
export const administeredSettings = {
  directory: {
    flag: '--data',
    value: '<dir>',
    help: 'data directory of a server that is stopped; with --url, where its root-credentials are',
    default: serveSettings.directory.default,
    schema: serveSettings.directory.schema,
  },
  url: {
    value: '<url>',
    help: 'a running server instead',
    schema: z
      .string()
      .refine(isServerUrl, 'must be an http or https URL without user and query')
      .transform((text) => new URL(text))
      .optional(),
  },
  region: serveSettings.region,
  json: switchSetting('JSON, one object a line, for programs'),
  adminAccessKey: {
    help: 'the access key that --url is asked with, instead of root',
    schema: serveSettings.rootAccessKey.schema,
  },
  adminSecretKey: { help: 'its secret key; both or neither', schema: serveSettings.rootSecretKey.schema },
  adminSessionToken: {
    help: 'its session token, where both are of a session',
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{1,4096}$/, 'must be printable ASCII characters without spaces')
      .optional(),
  },
  rootAccessKey: serveSettings.rootAccessKey,
  rootSecretKey: serveSettings.rootSecretKey,
  sealingKey: sealingKeySetting,
} satisfies SettingsTable

export type AdministeredSettings = SettingsOf<typeof administeredSettings> & {
  /** Of the commands that call others from a stopped server's directory. */
  readonly allowCallsTo?: readonly string[]
}

export const nameArgument = (argument: string, help: string) => ({
  argument,
  help,
  schema: z.string().min(1, 'must be a name'),
})

export const textFlag = (value: string, help: string) => ({ value, help, schema: z.string().optional() })

export const namesFlag = (help: string) => ({
  value: '<names>',
  help,
  default: '',
  schema: z.string().transform((text) => text.split(',').filter((part) => part !== '')),
})

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A moment, or how far it is away. */
const expiryFlag = {
  value: '<time>',
  help: 'when it expires: a time such as 2027-01-01T00:00:00Z, or from now on, such as 12h or 90d',
  schema: z
    .string()
    .transform((text, context) => {
      const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
      const ms = count === undefined ? Date.parse(text) : Date.now() + Number(count) * UNITS[unit!]!
      if (!Number.isNaN(ms)) return new Date(ms).toISOString()
      context.addIssue('must be a time, such as 2027-01-01T00:00:00Z, or 12h or 90d')
      return z.NEVER
    })
    .optional(),
}

/** What a key may be made by. */
export const keyFlags = {
  accessKey: textFlag('<id>', 'access key id; a random one by default'),
  secretKey: textFlag('<secret>', 'secret key, or - to read it from standard input; a random one by default'),
  expires: expiryFlag,
  description: textFlag('<text>', 'what the key is for'),
} satisfies SettingsTable
