import { z } from 'zod'
import { serveSettings } from '../settings/serve-settings.js'
import { type SettingsOf, type SettingsTable, switchSetting } from '../settings/setting.js'

const isEndpoint = ({ protocol, username, password, search, hash }: URL): boolean =>
  /^https?:$/.test(protocol) && username + password + search + hash === ''

/** `s3://bucket`. */
const bucketUrl = z.string().transform((text, context) => {
  const [, bucket] = /^s3:\/\/([^/]+)\/?$/.exec(text) ?? []
  if (bucket !== undefined) return bucket
  context.addIssue('must be s3://bucket')
  return z.NEVER
})

const bucketArgument = {
  argument: '<s3-url>',
  help: 'the bucket whose versions go: s3://bucket',
  schema: bucketUrl,
}

export const someBucketArgument = {
  argument: '[s3-url]',
  help: 'of this bucket alone: s3://bucket',
  schema: bucketUrl.optional(),
}

/** A target by its ARN, or by the bucket whose only one it is. */
const which = z.union(
  [
    z
      .string()
      .startsWith('arn:')
      .transform((arn) => ({ arn })),
    bucketUrl.transform((bucket) => ({ bucket })),
  ],
  "must be a target's ARN or s3://bucket",
)

export const targetArgument = {
  argument: '<target>',
  help: 'the ARN of the target, or s3://bucket where that has one target alone',
  schema: which,
}

export const someTargetArgument = {
  argument: '[target]',
  help: 'of this target alone: its ARN, or s3://bucket for all of that bucket',
  schema: which.optional(),
}

export type Which = z.output<typeof which>

const endpointSchema = z
  .string()
  .refine(
    (text) => URL.canParse(text) && isEndpoint(new URL(text)) && new URL(text).pathname === '/',
    'must be an http or https URL without a path, such as http://backup.internal:9000',
  )
  .transform((text) => new URL(text).origin)

/** The endpoint and the bucket there, from one URL. */
const remoteSchema = z.string().transform((text, context) => {
  if (URL.canParse(text)) {
    const url = new URL(text)
    const [, bucket] = /^\/([^/]+)\/?$/.exec(url.pathname) ?? []
    if (isEndpoint(url) && bucket !== undefined) return { endpoint: url.origin, bucket }
  }
  context.addIssue(
    'must be the endpoint with the bucket as its path, such as http://backup.internal:9000/photos',
  )
  return z.NEVER
})

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1_024, M: 1_024 ** 2, G: 1_024 ** 3 }

const bytes = z.string().transform((text, context) => {
  const [, count, unit] = /^(\d{1,12})([KMG]?)$/i.exec(text) ?? []
  const amount = Number(count) * UNITS[(unit ?? '').toUpperCase()]!
  if (count !== undefined && Number.isSafeInteger(amount)) return amount
  context.addIssue('must be bytes a second, such as 500K, 20M or 1G')
  return z.NEVER
})

const tags = z.string().transform((text, context) => {
  const pairs = text.split(',').map((pair) => /^([^=]+)=(.*)$/s.exec(pair))
  if (pairs.every((pair) => pair !== null))
    return Object.fromEntries(pairs.map(([, key = '', value = '']) => [key, value]))
  context.addIssue('must be key=value, separated by commas')
  return z.NEVER
})

const wholeNumber = (minimum: number, maximum: number) => {
  const rule = `must be a whole number from ${minimum} to ${maximum}`
  return z
    .string()
    .regex(/^\d{1,10}$/, rule)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, rule)
}

/** A switch of which the flag says that it is off. */
const offSwitch = (flag: `--no-${string}`, help: string) => ({
  ...switchSetting(help),
  flag,
  default: 'true',
})

const accessKey = {
  flag: '--access-key',
  value: '<id>',
  help: 'the access key that is used at the target',
} as const

const secretKey = {
  flag: '--secret-key',
  value: '<secret>',
  help: 'its secret key, or - to read it from standard input: what stands on a command line others can read',
} as const

const limits = {
  bandwidth: {
    value: '<bytes>',
    help: 'bytes a second that go there at most, such as 500K, 20M or 1G, a K being 1024; 0 for no limit',
    schema: bytes.optional(),
  },
  concurrency: {
    value: '<number>',
    help: 'versions under way at a time (64 to an Aquifer, 16 to others)',
    schema: wholeNumber(1, 256).optional(),
  },
  /** Of a stopped server's directory: a running one goes by its own. */
  allowCallsTo: serveSettings.allowCallsTo,
} satisfies SettingsTable

export const addSettings = {
  bucket: bucketArgument,
  target: {
    value: '<url>',
    help: 'where they go: the endpoint with the bucket as its path, such as https://backup.example:9000/photos',
    schema: z
      .string('is missing: it says where versions go, as in http://host:9000/bucket')
      .pipe(remoteSchema),
  },
  targetAccessKey: { ...accessKey, schema: z.string('is missing').min(1, 'must be an access key') },
  targetSecretKey: { ...secretKey, schema: z.string('is missing').min(1, 'must be a secret key') },
  targetRegion: {
    value: '<name>',
    help: 'the region that the target signs for (us-east-1)',
    schema: z.string().optional(),
  },
  virtualHost: switchSetting('the target names buckets in the host: BUCKET.host'),
  prefix: { value: '<text>', help: 'only keys that begin with it', schema: z.string().optional() },
  tags: {
    value: '<tags>',
    help: 'only objects with all of these tags: key=value, separated by commas; no delete markers then',
    schema: tags.optional(),
  },
  priority: {
    value: '<number>',
    help: 'of the rule; by default one more than the highest',
    schema: wholeNumber(0, 2_147_483_647).optional(),
  },
  id: { value: '<id>', help: 'of the rule; by default one is made', schema: z.string().optional() },
  storageClass: {
    value: '<class>',
    help: 'the storage class at the target; by default as it is here',
    schema: z.string().optional(),
  },
  deleteMarkers: offSwitch('--no-delete-markers', 'delete markers stay here'),
  versionDeletes: offSwitch(
    '--no-version-deletes',
    'a version that is removed for good here stays at the target',
  ),
  existingObjects: offSwitch('--no-existing-objects', 'what is there already stays here'),
  replicaModifications: offSwitch(
    '--no-replica-modifications',
    'changed tags and locks of what came by replication stay here',
  ),
  ...limits,
  targetOnly: switchSetting('register the target, and set no rule'),
} satisfies SettingsTable

export const updateSettings = {
  target: targetArgument,
  endpoint: {
    value: '<url>',
    help: 'where it is now, without the bucket',
    schema: endpointSchema.optional(),
  },
  targetAccessKey: { ...accessKey, schema: z.string().min(1, 'must be an access key').optional() },
  targetSecretKey: { ...secretKey, schema: z.string().min(1, 'must be a secret key').optional() },
  ...limits,
} satisfies SettingsTable

const DURATIONS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

export const resyncSettings = {
  target: targetArgument,
  olderThan: {
    value: '<time>',
    help: 'only what was written so long ago, or earlier: 90s, 30m, 12h or 10d',
    schema: z
      .string()
      .transform((text, context) => {
        const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
        if (count !== undefined) return Number(count) * DURATIONS[unit!]!
        context.addIssue('must be a time such as 90s, 30m, 12h or 10d')
        return z.NEVER
      })
      .optional(),
  },
  wait: offSwitch('--no-wait', 'begin it, and do not wait for its end'),
  status: switchSetting('tell how far the last one is, and begin none'),
  cancel: switchSetting('have the one that is going on stop where it is'),
} satisfies SettingsTable

export type AddSettings = SettingsOf<typeof addSettings>
export type UpdateSettings = SettingsOf<typeof updateSettings>
