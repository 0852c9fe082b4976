import { z } from 'zod'
import { counted, printable } from '../format.js'
import { identityCommand } from '../identity/identity-command.js'
import { tell } from '../identity/printing.js'
import { switchSetting } from '../settings/setting.js'

interface ForecastShown {
  versionId?: string
  uploadId?: string
  isLatest?: boolean
  isDeleteMarker?: boolean
  since: string
  verdicts: { ruleId: string; action?: string; due?: string; because?: string }[]
  next?: { action: string; ruleId: string; due: string; waitsFor?: string; retainUntil?: string }
}

interface Explained {
  key: string
  versions: ForecastShown[]
  uploads: ForecastShown[]
  indexing?: { keys: number }
}

interface SweptShown {
  action: string
  bucket: string
  key: string
  versionId?: string
  uploadId?: string
  ruleId: string
  due: string
}

const actionWords: Readonly<Record<string, string>> = {
  expire: 'it expires',
  'expire-all-versions': 'it goes with all versions of its key',
  'remove-delete-marker': 'it goes, the last of its key',
  'remove-noncurrent': 'it goes for good',
  'abort-upload': 'it is aborted',
}

const reasonWords: Readonly<Record<string, string>> = {
  disabled: 'it is disabled',
  'other-prefix': 'its prefix is another',
  'other-tags': 'the tags are others',
  'too-small': 'it is too small',
  'too-large': 'it is too large',
  'no-such-action': 'it has no action for such a version',
  'among-the-newest': 'it is among the newest that are kept',
}

/** `s3://bucket/key`: the key is all that follows, slashes too. */
const object = {
  argument: '<s3-url>',
  help: 'the object: s3://bucket/key',
  schema: z.string().transform((text, context) => {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(text) ?? []
    if (bucket !== undefined && key !== undefined) return { bucket, key }
    context.addIssue('must be s3://bucket/key')
    return z.NEVER
  }),
}

const now = {
  value: '<time>',
  help: 'as if it were that time, such as 2027-01-01T00:00:00Z; by default now',
  schema: z
    .string()
    .transform((text, context) => {
      const ms = Date.parse(text)
      if (!Number.isNaN(ms)) return new Date(ms).toISOString()
      context.addIssue('must be a time, such as 2027-01-01T00:00:00Z')
      return z.NEVER
    })
    .optional(),
}

export const lifecycleCommands = {
  'lifecycle explain': identityCommand({
    description: 'Tell what will become of an object by lifecycle rules, when, and why.',
    settings: { object },
    more: `Every version and every open upload of the key is told of, with what each rule says.

  aquifer lifecycle explain s3://logs/2026/a.log --url http://127.0.0.1:9000`,
    async carryOut({ object: target }, desk) {
      tell(desk, await desk.ask('lifecycle/explain', target), explanationLines)
    },
  }),
  'lifecycle sweep': identityCommand({
    description: 'Carry out now what lifecycle rules have due, and tell each thing that is done.',
    settings: { dryRun: switchSetting('tell what would be done, and do nothing'), now },
    more: `A server does this by itself. What object lock keeps is left, whatever time is given.

  aquifer lifecycle sweep --dry-run --now 2027-01-01T00:00:00Z`,
    async carryOut({ dryRun, now }, desk) {
      let count = 0
      for (let more = true; more; ) {
        const answer: { actions: SweptShown[]; more: boolean } = await desk.ask('lifecycle/sweep', {
          ...{ dryRun, skip: dryRun ? count : 0 },
          ...(now === undefined ? {} : { now }),
        })
        for (const action of answer.actions) desk.say(desk.json ? JSON.stringify(action) : sweptLine(action))
        count += answer.actions.length
        more = answer.more
      }
      if (!desk.json)
        desk.say(dryRun ? `${counted(count, 'thing')} would be done.` : `${counted(count, 'thing')} done.`)
    },
  }),
}

const explanationLines = ({ key, versions, uploads, indexing }: Explained): string[] => [
  ...(versions.length + uploads.length === 0 ? [`There is nothing under the key ${printable(key)}.`] : []),
  ...versions.flatMap((version) => forecastLines(versionTitle(version), version)),
  ...uploads.flatMap((upload) => forecastLines(`upload ${upload.uploadId}`, upload)),
  ...(indexing === undefined
    ? []
    : [
        `The rules are new: ${counted(indexing.keys, 'key')} of the bucket looked at so far, the rest in the background.`,
      ]),
]

const versionTitle = ({ versionId, isLatest, isDeleteMarker }: ForecastShown): string =>
  [
    isDeleteMarker ? 'delete marker' : versionId === undefined ? 'object' : 'version',
    ...(versionId === undefined ? [] : [versionId, isLatest ? '(current)' : '(noncurrent)']),
  ].join(' ')

function forecastLines(title: string, { since, next, verdicts }: ForecastShown): string[] {
  return [
    `${title}, of ${since}`,
    next === undefined
      ? '  nothing will become of it by itself'
      : `  ${actionWords[next.action]} after ${next.due}, by rule ${printable(next.ruleId)}${waitOf(next)}`,
    ...verdicts.map(
      ({ ruleId, action, due, because }) =>
        `    ${printable(ruleId)}: ${because === undefined ? `${actionWords[action!]} after ${due}` : reasonWords[because]}`,
    ),
  ]
}

function waitOf({ waitsFor, retainUntil }: NonNullable<ForecastShown['next']>): string {
  if (waitsFor === undefined) return ''
  return waitsFor === 'retention' ? `; retained until ${retainUntil}` : '; kept by a legal hold'
}

const sweptLine = ({ action, bucket, key, versionId, uploadId, ruleId, due }: SweptShown): string =>
  printable(
    [action, `s3://${bucket}/${key}`, versionId ?? uploadId ?? '', `rule ${ruleId}`, `due ${due}`]
      .filter((part) => part !== '')
      .join('  '),
  )
