import { isIpRange } from '@aquifer/engine'
import { z } from 'zod'
import { sealingKeySetting } from './sealing-key-setting.js'
import { directorySetting, type SettingsOf, type SettingsTable, switchSetting } from './setting.js'

const wholeNumber = (minimum: number, maximum: number) => {
  const rule = `must be a whole number from ${minimum} to ${maximum}`
  return z
    .string()
    .regex(/^\d{1,9}$/, rule)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, rule)
}

const oneOf = <const T extends readonly [string, ...string[]]>(choices: T) =>
  z.enum(choices, `must be one of ${choices.join(', ')}`)

const hostName = z
  .string()
  .toLowerCase()
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be host names without port or scheme, separated by commas')

const listOf = <T extends z.ZodType<unknown, string>>(one: T) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .transform((parts) => parts.filter((part) => part !== ''))
    .pipe(z.array(one))

/** An empty text is the same as none. */
const isPublicUrl = (text: string): boolean => {
  if (text === '') return true
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash } = new URL(text)
  return /^https?:$/.test(protocol) && username + password + search + hash === ''
}

/** Every setting of `aquifer serve`. */
export const serveSettings = {
  directory: directorySetting('data directory, made when it is not there'),
  port: {
    value: '<number>',
    help: 'TCP port; 0 takes a free one',
    default: '9000',
    schema: wholeNumber(0, 65_535),
  },
  host: {
    value: '<address>',
    help: 'address to listen on; 0.0.0.0 for every network',
    default: '127.0.0.1',
    schema: z.string().regex(/^[\w.:%-]+$/, 'must be an address or a host name, without a port'),
  },
  httpThreads: {
    value: '<number>',
    help: 'threads that do HTTP; 0: the one of the engine; auto: as many as there are cores, but one',
    default: '0',
    schema: z.union([z.literal('auto'), wholeNumber(0, 64)], 'must be auto or a whole number from 0 to 64'),
  },
  profile: {
    value: '<name>',
    help: 'the served surface: aistor, aws or express',
    default: 'aistor',
    schema: oneOf(['aistor', 'aws', 'express']),
  },
  pageLimits: {
    value: '<keep or lift>',
    help: 'keep those that the AIStor page names (uploads listed by whole key) or lift',
    default: 'lift',
    schema: oneOf(['keep', 'lift']),
  },
  domain: {
    value: '<names>',
    help: 'host names under which a bucket may be named: BUCKET.name',
    default: '',
    schema: listOf(hostName),
  },
  region: {
    value: '<name>',
    help: 'the region that requests are signed for',
    default: 'us-east-1',
    schema: z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be lower-case letters, digits and hyphens'),
  },
  publicUrl: {
    value: '<url>',
    help: 'the URL that clients use, when a proxy changes Host or takes off a path',
    default: '',
    schema: z.string().refine(isPublicUrl, 'must be an http or https URL without user and query'),
  },
  trustedProxy: {
    value: '<addresses>',
    help: 'addresses or CIDR blocks whose X-Forwarded-Host, -Proto, -For are believed',
    default: '',
    schema: listOf(z.string().refine(isIpRange, 'must be IP addresses or CIDR blocks, separated by commas')),
  },
  basePath: {
    value: '<path>',
    help: 'the path under which all of it lies, such as /storage',
    default: '',
    schema: z
      .string()
      .regex(
        /^(\/[\w~-][\w.~-]*)*\/?$/,
        'must be a path of letters, digits and -._~ that begins with a slash',
      )
      .transform((path) => path.replace(/\/$/, '')),
  },
  corsOrigin: {
    value: '<origins>',
    help: 'origins whose pages may use buckets that have no CORS rules; or none',
    default: '*',
    schema: listOf(
      z
        .string()
        .regex(
          /^(\*|none|null|[a-z][a-z0-9+.-]*:\/\/[^\s/*]*\*?[^\s/*]*)$/,
          'must be *, none, or origins such as https://*.example.com, separated by commas',
        ),
    )
      .refine(
        (origins) => origins.length === 1 || !origins.includes('none'),
        'must be none alone, or origins',
      )
      .transform((origins) => origins.filter((origin) => origin !== 'none')),
  },
  signatureV2: switchSetting('accept Signature Version 2 too, which old clients and presigners make'),
  rootFanOut: switchSetting('take fan-out lists from forms signed by root'),
  fanOutEntries: {
    value: '<number>',
    help: 'objects that one form may become by a fan-out list',
    default: '1000',
    schema: wholeNumber(1, 100_000),
  },
  lambdaTimeout: {
    value: '<seconds>',
    help: 'seconds that a function behind Object Lambda may be silent',
    default: '60',
    schema: wholeNumber(1, 86_400),
  },
  notifyFile: {
    value: '<file>',
    help: 'JSON that names targets of events, by kind and ID: {"webhook": {"ID": {"endpoint": …}}}',
    default: '',
    schema: z.string(),
  },
  notifyWebhook: {
    value: '<targets>',
    help: 'webhooks that events may go to: ID=URL, separated by commas',
    default: '',
    schema: listOf(
      z.string().regex(/^[A-Za-z0-9._-]{1,64}=\S+$/, 'must be ID=URL, separated by commas'),
    ).transform(
      (parts) =>
        new Map(parts.map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)])),
    ),
  },
  allowCallsTo: {
    value: '<addresses>',
    help: 'addresses of this machine, or link-local, that calls may go to',
    default: '',
    schema: listOf(z.string().refine(isIpRange, 'must be IP addresses or CIDR blocks, separated by commas')),
  },
  identityOpenidJwksUrl: {
    value: '<url>',
    help: 'the public keys of a provider of identities, for AssumeRoleWithWebIdentity',
    default: '',
    schema: z.string().regex(/^(https?:\/\/\S+)?$/, 'must be an http or https URL'),
  },
  identityOpenidIssuer: {
    value: '<text>',
    help: 'what "iss" of its tokens must be',
    default: '',
    schema: z.string().regex(/^[^#\s]{0,256}$/, 'must be up to 256 characters without spaces and #'),
  },
  identityOpenidClientId: {
    value: '<text>',
    help: 'what must be in "aud" of its tokens',
    default: '',
    schema: z.string().max(256, 'must be up to 256 characters'),
  },
  identityOpenidClaimName: {
    value: '<name>',
    help: 'the claim of its tokens that names policies',
    default: 'policy',
    schema: z.string().min(1, 'must name a claim').max(256, 'must be up to 256 characters'),
  },
  lifecycleDaySeconds: {
    value: '<seconds>',
    help: 'how long a day of lifecycle rules lasts; another than a real one is for trials',
    default: '86400',
    schema: wholeNumber(1, 86_400),
  },
  log: {
    value: '<level>',
    help: 'trace, debug, info (a line a request), warn, error or silent',
    default: 'info',
    schema: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
  },
  logFormat: {
    value: '<form>',
    help: 'json, pretty, or auto: pretty on a terminal, else json',
    default: 'auto',
    schema: oneOf(['auto', 'json', 'pretty']),
  },
  drainTimeout: {
    value: '<seconds>',
    help: 'how long a stop waits for running requests',
    default: '25',
    schema: wholeNumber(0, 86_400),
  },
  leastRate: {
    value: '<bytes>',
    help: 'bytes a second below which, over 30 s, a client is given up; 0 for none',
    default: '1024',
    schema: wholeNumber(0, 100_000_000),
  },
  rootAccessKey: {
    help: 'the root access key, instead of the generated one',
    schema: z
      .string()
      .regex(/^[\w.-]{3,128}$/, 'must be 3 to 128 letters, digits, dots, hyphens or underscores')
      .optional(),
  },
  rootSecretKey: {
    help: 'the root secret key; both or neither',
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{8,128}$/, 'must be 8 to 128 printable ASCII characters without spaces')
      .optional(),
  },
  sealingKey: sealingKeySetting,
} satisfies SettingsTable

export type ServeSettings = SettingsOf<typeof serveSettings>
