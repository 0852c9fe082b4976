import type { ActiveRules } from './active-rules.js'
import { firstOf, forecastsFor, type VersionFacts } from './forecast.js'

/** When the current version of a key will go, and by which rule. Nothing is said of a delete marker. */
export function expiryOf(
  active: ActiveRules,
  current: Omit<VersionFacts, 'isLatest' | 'isAlone'>,
): { at: Date; ruleId: string } | undefined {
  if (current.isDeleteMarker) return undefined
  const first = firstOf(forecastsFor(active, { ...current, isLatest: true, isAlone: false }))
  return first && { at: new Date(first.dueMs), ruleId: first.ruleId }
}
