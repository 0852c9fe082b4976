import { Buffer } from 'node:buffer'
import type { EventFilter, Notification, NotificationRule } from '../../contract/events.js'
import { EngineError } from '../../errors.js'
import { limits } from '../../limits.js'
import { formatEventArn, parseEventArn } from './event-arn.js'
import { isEventName, namesMeet } from './event-names.js'

const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * What a notification configuration may be, in AIStor's words, with ARNs as the store knows their targets. One event may go
 * to many targets, as on AIStor; AWS refuses that. Two rules of one target that may match the same event are refused, as
 * AWS does. Source: S3 API Reference, PutBucketNotificationConfiguration.
 *
 * @throws {@link EngineError} `InvalidArgument`
 */
export function checkNotification({ rules }: Notification): Notification {
  if (rules.length > limits.notificationRulesMax)
    throw invalid(
      'rules',
      `${rules.length}`,
      `There may be no more than ${limits.notificationRulesMax} rules.`,
    )
  const checked = rules.map(checkRule)
  for (const [at, rule] of checked.entries())
    for (const other of checked.slice(0, at)) {
      if (rule.id !== undefined && rule.id === other.id)
        throw invalid('id', rule.id, `Two configurations have the id "${rule.id}".`)
      if (rule.arn === other.arn && overlap(rule, other))
        throw invalid(
          'filter',
          rule.arn,
          'Configurations overlap. Configurations on the same bucket cannot share a common event type.',
        )
    }
  return { rules: checked }
}

function checkRule(rule: NotificationRule): NotificationRule {
  const { id, arn, names } = rule
  if (id !== undefined && id.length > limits.notificationIdMaxChars)
    throw invalid('id', id, `An id has no more than ${limits.notificationIdMaxChars} characters.`)
  const parsed = parseEventArn(arn)
  if (parsed === undefined) throw invalid('arn', arn, 'The ARN is not well formed')
  checkFilter(rule)
  if (new Set(names).size !== names.length)
    throw invalid('event', names.join(', '), 'The same event is named twice in one configuration.')
  return { ...rule, arn: formatEventArn(parsed) }
}

/** @throws {@link EngineError} `InvalidArgument` */
export function checkFilter({ names, prefix, suffix }: EventFilter): void {
  if (names.length === 0) throw invalid('event', '', 'A configuration names at least one event.')
  for (const name of names)
    if (!isEventName(name))
      throw invalid('event', name, `A specified event is not supported for notifications: ${name}`)
  checkFilterValue('prefix', prefix)
  checkFilterValue('suffix', suffix)
}

/** Keys that no object of AIStor's can have are refused as it does. */
function checkFilterValue(argument: 'prefix' | 'suffix', value: string | undefined): void {
  if (value === undefined) return
  const isBad =
    Buffer.byteLength(value) > limits.keyMaxBytes ||
    LONE_SURROGATE.test(value) ||
    value.includes('\\') ||
    value.split('/').some((segment) => segment === '.' || segment === '..')
  if (isBad)
    throw invalid(
      argument,
      value,
      'Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation, nor can it hold a backslash or a segment of dots',
    )
}

const overlap = (a: NotificationRule, b: NotificationRule): boolean =>
  namesMeet(a.names, b.names) &&
  oneIsOther(a.prefix ?? '', b.prefix ?? '', (long, short) => long.startsWith(short)) &&
  oneIsOther(a.suffix ?? '', b.suffix ?? '', (long, short) => long.endsWith(short))

const oneIsOther = (a: string, b: string, begins: (long: string, short: string) => boolean): boolean =>
  begins(a, b) || begins(b, a)

const invalid = (argument: string, value: string, message: string): EngineError<'InvalidArgument'> =>
  new EngineError('InvalidArgument', message, { argument, value })
