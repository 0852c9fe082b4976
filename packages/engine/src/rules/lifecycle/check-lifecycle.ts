import type { Expiration, LifecycleFilter, LifecycleRule } from '../../contract/lifecycle.js'
import { EngineError, invalidArgument } from '../../errors.js'
import { limits } from '../../limits.js'
import { checkTags } from '../tags.js'

/** What of a bucket says which rules it may have. */
interface RuledBucket {
  readonly objectLock?: boolean
}

/**
 * What a bucket's rules may be. Source: aistor §5.2; S3 API Reference, PutBucketLifecycleConfiguration.
 *
 * @throws {@link EngineError} `InvalidArgument`, `InvalidRequest`, `InvalidTag`
 */
export function checkLifecycle(rules: readonly LifecycleRule[], bucket: RuledBucket): void {
  if (rules.length === 0 || rules.length > limits.lifecycleRulesMax)
    throw invalid('rules', String(rules.length), `There must be 1 to ${limits.lifecycleRulesMax} rules.`)
  const ids = new Set<string>()
  for (const rule of rules) {
    const { id = '' } = rule
    if (id.length > limits.lifecycleIdMaxChars)
      throw invalid('ID', id, `The ID of a rule must not exceed ${limits.lifecycleIdMaxChars} characters.`)
    if (id !== '' && ids.has(id))
      throw invalid('ID', id, `Rule ID must be unique. Found same ID for more than one rule: "${id}"`)
    ids.add(id)
    checkRule(rule, bucket)
  }
  if (Buffer.byteLength(JSON.stringify(rules)) > limits.lifecycleMaxBytes)
    throw unsuitable(`The rules together must not exceed ${limits.lifecycleMaxBytes} bytes.`)
}

function checkRule(rule: LifecycleRule, bucket: RuledBucket): void {
  if (rule.status !== 'enabled' && rule.status !== 'disabled') throw invalidArgument('Status', rule.status)
  const { filter = {}, expiration, deleteMarkerExpiration, noncurrentVersionExpiration } = rule
  const abort = rule.abortIncompleteMultipartUpload
  checkFilter(filter)
  if ([expiration, deleteMarkerExpiration, noncurrentVersionExpiration, abort].every((each) => !each))
    throw invalid('Rule', rule.id ?? '', 'At least one action needs to be specified in a rule.')
  if (expiration !== undefined) checkExpiration(expiration, filter, bucket)
  if (deleteMarkerExpiration !== undefined) {
    checkDays('DelMarkerExpiration Days', deleteMarkerExpiration.days)
    if (filter.tags !== undefined) throw unsuitable('DelMarkerExpiration cannot be specified with tags.')
    if (bucket.objectLock === true) throw unsuitable(`DelMarkerExpiration ${LOCKED}`)
  }
  if (noncurrentVersionExpiration !== undefined) checkNoncurrent(noncurrentVersionExpiration)
  if (abort === undefined) return
  checkDays('DaysAfterInitiation', abort.daysAfterInitiation)
  const { tags, sizeGreaterThan, sizeLessThan } = filter
  if (tags !== undefined || sizeGreaterThan !== undefined || sizeLessThan !== undefined)
    throw unsuitable('AbortIncompleteMultipartUpload cannot be specified with tags or sizes.')
}

const LOCKED = 'cannot be specified for a bucket with object lock: it removes every version.'

function checkFilter({ prefix, tags, sizeGreaterThan, sizeLessThan }: LifecycleFilter): void {
  if (prefix !== undefined && Buffer.byteLength(prefix) > limits.keyMaxBytes)
    throw invalid('Prefix', prefix, `The maximum size of a prefix is ${limits.keyMaxBytes}.`)
  if (tags !== undefined) {
    if (Object.keys(tags).length === 0) throw invalid('Tag', '', 'A filter by tags needs a tag.')
    checkTags(tags, 'object')
  }
  for (const [name, size] of [
    ['ObjectSizeGreaterThan', sizeGreaterThan],
    ['ObjectSizeLessThan', sizeLessThan],
  ] as const)
    if (size !== undefined && !(Number.isSafeInteger(size) && size >= 0))
      throw invalid(name, String(size), `${name} must be a whole number of bytes.`)
  if (sizeGreaterThan !== undefined && sizeLessThan !== undefined && sizeGreaterThan >= sizeLessThan)
    throw invalid(
      'ObjectSizeGreaterThan',
      String(sizeGreaterThan),
      'ObjectSizeGreaterThan must be less than ObjectSizeLessThan.',
    )
}

function checkExpiration(expiration: Expiration, { tags }: LifecycleFilter, bucket: RuledBucket): void {
  const said = ['days', 'date', 'expiredObjectDeleteMarker'].filter((name) => Object.hasOwn(expiration, name))
  if (said.length !== 1)
    throw invalid('Expiration', said.join(', '), 'Specify one of Days, Date and ExpiredObjectDeleteMarker.')
  if ('date' in expiration) {
    const ms = expiration.date.getTime()
    if (Number.isNaN(ms) || ms % 86_400_000 !== 0)
      throw invalid(
        'Date',
        Number.isNaN(ms) ? 'no date' : expiration.date.toISOString(),
        "'Date' must be at midnight GMT",
      )
  } else if ('days' in expiration) {
    checkDays('Expiration Days', expiration.days)
    if (expiration.allVersions === true && bucket.objectLock === true)
      throw unsuitable(`ExpiredObjectAllVersions ${LOCKED}`)
  } else if (tags !== undefined) {
    throw unsuitable('ExpiredObjectDeleteMarker cannot be specified with tags: a delete marker has none.')
  }
}

function checkNoncurrent({
  noncurrentDays,
  newerNoncurrentVersions,
}: NonNullable<LifecycleRule['noncurrentVersionExpiration']>): void {
  if (noncurrentDays !== undefined && !(newerNoncurrentVersions !== undefined && noncurrentDays === 0))
    checkDays('NoncurrentDays', noncurrentDays)
  if (newerNoncurrentVersions === undefined) {
    if (noncurrentDays === undefined)
      throw invalid('NoncurrentVersionExpiration', '', 'It needs NoncurrentDays or NewerNoncurrentVersions.')
    return
  }
  const maximum = limits.newerNoncurrentVersionsMax
  // None at all is as if it were not said, where days are.
  const least = noncurrentDays !== undefined && noncurrentDays > 0 ? 0 : 1
  if (
    Number.isInteger(newerNoncurrentVersions) &&
    newerNoncurrentVersions >= least &&
    newerNoncurrentVersions <= maximum
  )
    return
  throw invalid(
    'NewerNoncurrentVersions',
    String(newerNoncurrentVersions),
    `NewerNoncurrentVersions must be a whole number from ${least} to ${maximum}.`,
  )
}

function checkDays(name: string, days: number): void {
  if (Number.isInteger(days) && days > 0 && days <= limits.lifecycleDaysMax) return
  throw invalid(
    name,
    String(days),
    `'${name}' must be a positive whole number, at most ${limits.lifecycleDaysMax}.`,
  )
}

const invalid = (argument: string, value: string, message: string): EngineError =>
  new EngineError('InvalidArgument', message, { argument, value })

/** Each is well formed, and they do not go together. */
const unsuitable = (reason: string): EngineError => new EngineError('InvalidRequest', reason, { reason })
