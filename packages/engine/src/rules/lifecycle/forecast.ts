import type { LifecycleAction, RuleVerdict } from '../../contract/lifecycle.js'
import type { ActiveRules, NamedRule } from './active-rules.js'
import { dueAfterDays, isDue } from './days.js'
import { type Filtered, keptOutBy } from './filter.js'

/** All that rules ask of a version. */
export interface VersionFacts extends Filtered {
  readonly lastModifiedMs: number
  readonly isLatest: boolean
  /** Whether its key has no other version. */
  readonly isAlone: boolean
  /** Of a noncurrent version: when it became that, which is when its successor was written. */
  readonly successorMs?: number
  /** Of a noncurrent version: how many noncurrent ones are newer. */
  readonly newerNoncurrent?: number
}

/** What a rule will do, and from when on. */
export interface Forecast extends Due {
  readonly ruleId: string
}

interface Due {
  readonly action: LifecycleAction
  readonly dueMs: number
  /** Of a noncurrent version: how many newer noncurrent ones it rests on. */
  readonly newerKept?: number
}
type Outcome = Due | { readonly because: Because }
type Because = NonNullable<RuleVerdict['because']>

/** What each rule has to say about a version, in the order of the rules. Source: aistor §5.4. */
export const judgeVersion = (active: ActiveRules, facts: VersionFacts): RuleVerdict[] =>
  active.rules.map((rule) => verdictOf(rule, outcomeOf(rule, facts, active.dayMs)))

/** The same about an incomplete upload. */
export const judgeUpload = (
  active: ActiveRules,
  upload: { key: string; initiatedMs: number },
): RuleVerdict[] => active.rules.map((rule) => verdictOf(rule, uploadOutcome(rule, upload, active.dayMs)))

function verdictOf({ id }: NamedRule, outcome: Outcome): RuleVerdict {
  return 'because' in outcome
    ? { ruleId: id, because: outcome.because }
    : { ruleId: id, action: outcome.action, due: new Date(outcome.dueMs) }
}

/** What will become of a version, whatever the clock says. */
export const forecastsFor = (active: ActiveRules, facts: VersionFacts): Forecast[] =>
  collect(active, (rule) => outcomeOf(rule, facts, active.dayMs))

export const forecastsForUpload = (
  active: ActiveRules,
  upload: { readonly key: string; readonly initiatedMs: number },
): Forecast[] => collect(active, (rule) => uploadOutcome(rule, upload, active.dayMs))

function collect({ rules }: ActiveRules, outcomeFor: (rule: NamedRule) => Outcome): Forecast[] {
  const found: Forecast[] = []
  for (const rule of rules) {
    const outcome = outcomeFor(rule)
    if ('action' in outcome) found.push({ ...outcome, ruleId: rule.id })
  }
  return found
}

/**
 * Which of several comes first. Of those that are due, the one that takes most; else the earliest, and at the same
 * moment the one that takes most. Where that is the same, the rules' own order. Source: aistor §5.4.
 */
export function firstOf(
  forecasts: readonly Forecast[],
  nowMs = Number.NEGATIVE_INFINITY,
): Forecast | undefined {
  let first: Forecast | undefined
  for (const each of forecasts) if (first === undefined || comesBefore(each, first, nowMs)) first = each
  return first
}

function comesBefore(a: Forecast, b: Forecast, nowMs: number): boolean {
  const areBothDue = isDue(a.dueMs, nowMs) && isDue(b.dueMs, nowMs)
  if (!areBothDue && a.dueMs !== b.dueMs) return a.dueMs < b.dueMs
  return a.action === 'expire-all-versions' && b.action !== 'expire-all-versions'
}

function outcomeOf(rule: NamedRule, facts: VersionFacts, dayMs: number): Outcome {
  if (rule.status === 'disabled') return { because: 'disabled' }
  const because = keptOutBy(rule.filter ?? {}, facts)
  if (because !== undefined) return { because }
  if (!facts.isLatest) return noncurrentOutcome(rule, facts, dayMs)
  return facts.isDeleteMarker ? markerOutcome(rule, facts, dayMs) : currentOutcome(rule, facts, dayMs)
}

const NO_SUCH_ACTION: Outcome = { because: 'no-such-action' }

function currentOutcome({ expiration }: NamedRule, { lastModifiedMs }: VersionFacts, dayMs: number): Outcome {
  if (expiration === undefined) return NO_SUCH_ACTION
  if ('date' in expiration) return { action: 'expire', dueMs: expiration.date.getTime() }
  if (!('days' in expiration)) return NO_SUCH_ACTION
  const dueMs = dueAfterDays(lastModifiedMs, expiration.days, dayMs)
  return { action: expiration.allVersions === true ? 'expire-all-versions' : 'expire', dueMs }
}

/** A lone marker goes at once where that is asked for, or with the days that an object has. */
function markerOutcome(
  { expiration, deleteMarkerExpiration }: NamedRule,
  { lastModifiedMs, isAlone }: VersionFacts,
  dayMs: number,
): Outcome {
  const afterDays = (days: number): number => dueAfterDays(lastModifiedMs, days, dayMs)
  const purge: Due | undefined = deleteMarkerExpiration && {
    action: 'expire-all-versions',
    dueMs: afterDays(deleteMarkerExpiration.days),
  }
  if (!isAlone || expiration === undefined) return purge ?? NO_SUCH_ACTION
  if ('expiredObjectDeleteMarker' in expiration)
    return { action: 'remove-delete-marker', dueMs: lastModifiedMs }
  if (!('days' in expiration)) return purge ?? NO_SUCH_ACTION
  const dueMs = afterDays(expiration.days)
  return purge !== undefined && purge.dueMs <= dueMs ? purge : { action: 'remove-delete-marker', dueMs }
}

function noncurrentOutcome(
  { noncurrentVersionExpiration }: NamedRule,
  { successorMs, newerNoncurrent = 0 }: VersionFacts,
  dayMs: number,
): Outcome {
  if (noncurrentVersionExpiration === undefined || successorMs === undefined) return NO_SUCH_ACTION
  const { noncurrentDays = 0, newerNoncurrentVersions = 0 } = noncurrentVersionExpiration
  if (newerNoncurrent < newerNoncurrentVersions) return { because: 'among-the-newest' }
  return {
    action: 'remove-noncurrent',
    dueMs: dueAfterDays(successorMs, noncurrentDays, dayMs),
    newerKept: newerNoncurrentVersions,
  }
}

function uploadOutcome(
  { status, filter, abortIncompleteMultipartUpload }: NamedRule,
  { key, initiatedMs }: { readonly key: string; readonly initiatedMs: number },
  dayMs: number,
): Outcome {
  if (status === 'disabled') return { because: 'disabled' }
  if (abortIncompleteMultipartUpload === undefined) return NO_SUCH_ACTION
  // Such a rule has neither tags nor sizes.
  if (!key.startsWith(filter?.prefix ?? '')) return { because: 'other-prefix' }
  const { daysAfterInitiation } = abortIncompleteMultipartUpload
  return { action: 'abort-upload', dueMs: dueAfterDays(initiatedMs, daysAfterInitiation, dayMs) }
}
