import { counted, formatBytes, formatCount, formatDuration, printable } from '../format.js'
import { facts } from '../identity/printing.js'

export interface TargetShown {
  arn: string
  sourceBucket: string
  endpoint: string
  bucket: string
  region?: string
  accessKeyId: string
  addressing?: string
  bandwidthLimit?: number
  concurrency?: number
  keepsVersionIds: boolean
}

export interface RuleShown {
  id?: string
  status: string
  priority: number
  filter?: { prefix?: string; tags?: Record<string, string> }
  destination: { arn: string; storageClass?: string }
  deleteMarkers?: string
  versionDeletes?: string
  existingObjects?: string
  replicaModifications?: string
}

interface CountsShown {
  versions: number
  bytes: number
}

export interface ResyncShown {
  arn: string
  resyncId: string
  status: string
  started: string
  ended?: string
  completed: CountsShown
  failed: CountsShown
  key?: string
}

export interface StatusShown extends TargetShown {
  isOnline: boolean
  waiting: number
  waitingSince?: string
  failures: number
  completed: CountsShown
  failed: CountsShown
  lagMs?: { median: number; p99: number; max: number }
  lastError?: { message: string; at: string; nextTry: string }
  resync?: ResyncShown
  /** `ok`, or what is wrong, where it was asked for. */
  check?: string
}

export interface FailureShown {
  arn: string
  id: string
  bucket: string
  key: string
  versionId: string
  attempts: number
  error: string
}

const versionsOf = ({ versions, bytes }: CountsShown): string =>
  `${counted(versions, 'version')}, ${formatBytes(bytes)}`

export const targetLines = (target: TargetShown): string[] => [
  target.arn,
  ...facts({
    from: `s3://${target.sourceBucket}`,
    to: `${target.endpoint}/${target.bucket}`,
    'access key': target.accessKeyId,
    region: target.region,
    addressing: target.addressing,
    'version ids': idsOf(target),
    'at a time': target.concurrency,
    'no more than': target.bandwidthLimit ? `${formatBytes(target.bandwidthLimit)} a second` : undefined,
  }),
]

const idsOf = ({ keepsVersionIds }: TargetShown): string =>
  keepsVersionIds ? 'kept there' : 'its own: each version becomes a new one there'

const parts: readonly (readonly [keyof RuleShown, string])[] = [
  ['deleteMarkers', 'delete markers'],
  ['versionDeletes', 'removed versions'],
  ['existingObjects', 'what was there before'],
  ['replicaModifications', 'changes of replicas'],
]

export function ruleLines(rule: RuleShown): string[] {
  const { prefix, tags = {} } = rule.filter ?? {}
  const isOn = (part: keyof RuleShown) =>
    (rule[part] ?? (part === 'replicaModifications' ? 'enabled' : 'disabled')) === 'enabled'
  const named = (wanted: boolean) =>
    parts
      .filter(([part]) => isOn(part) === wanted)
      .map(([, words]) => words)
      .join(', ')
  return [
    printable(
      `rule ${rule.id ?? ''} of priority ${rule.priority}${rule.status === 'enabled' ? '' : ' (disabled)'}`,
    ),
    ...facts({
      target: rule.destination.arn,
      'keys below': prefix,
      'with tags': Object.entries(tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(', '),
      class: rule.destination.storageClass,
      with: named(true),
      without: named(false),
    }),
  ]
}

export function statusLines(status: StatusShown, now: Date): string[] {
  const { lagMs, lastError, resync } = status
  return [
    status.arn,
    ...facts({
      from: `s3://${status.sourceBucket}`,
      to: `${status.endpoint}/${status.bucket}${status.isOnline ? '' : ' (does not answer)'}`,
      waiting: `${counted(status.waiting, 'version')}${sinceOf(status, now)}`,
      lag:
        lagMs &&
        `median ${formatDuration(lagMs.median)}, p99 ${formatDuration(lagMs.p99)}, at most ${formatDuration(lagMs.max)}`,
      completed: `${versionsOf(status.completed)}, since the start`,
      'tries failed': status.failed.versions === 0 ? undefined : formatCount(status.failed.versions),
      'given up':
        status.failures === 0
          ? undefined
          : `${counted(status.failures, 'version')}: "aquifer replicate failures" lists them`,
      'last error': lastError && `${lastError.message} (${lastError.at}; next try ${lastError.nextTry})`,
      resync: resync && resyncText(resync),
      check: status.check,
    }),
  ]
}

export const resyncText = ({ status, started, ended, completed, failed, key }: ResyncShown): string =>
  [
    `${status}, begun ${started}${ended === undefined ? '' : `, ended ${ended}`}`,
    versionsOf(completed),
    ...(failed.versions === 0 ? [] : [`${counted(failed.versions, 'version')} failed`]),
    ...(key === undefined || status === 'completed' ? [] : [`up to the key ${printable(key)}`]),
  ].join('; ')

export const failureLines = ({
  arn,
  id,
  bucket,
  key,
  versionId,
  attempts,
  error,
}: FailureShown): string[] => [
  printable(`s3://${bucket}/${key}`),
  ...facts({ version: versionId, target: arn, id, tries: attempts, error }),
]

function sinceOf({ waiting, waitingSince }: StatusShown, now: Date): string {
  if (waiting === 0 || waitingSince === undefined) return ''
  return `, the oldest for ${formatDuration(Math.max(0, now.getTime() - Date.parse(waitingSince)))}`
}
