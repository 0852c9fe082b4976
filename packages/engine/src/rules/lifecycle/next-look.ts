import type { ActiveRules } from './active-rules.js'
import { firstOf, forecastsFor, type VersionFacts } from './forecast.js'

/**
 * When a key has to be looked at for what a write may have brought about: no later than the first thing that will be
 * due because of it, though perhaps in vain. What was due before the write has a look of its own.
 *
 * @param written The version that is current now.
 * @param former The one that was current before and stays, noncurrent now.
 */
export function nextLook(
  active: ActiveRules,
  written: VersionFacts,
  former: VersionFacts | undefined,
  nowMs: number,
): number | undefined {
  const forecasts = forecastsFor(active, written)
  if (former === undefined) return firstOf(forecasts)?.dueMs
  // One more noncurrent version may be one more than are kept, of versions that are not known here.
  if (countsVersions(active, former.key)) return wholeSecond(nowMs)
  const noncurrent = { ...former, isLatest: false, successorMs: written.lastModifiedMs }
  return firstOf([...forecasts, ...forecastsFor(active, noncurrent)])?.dueMs
}

const countsVersions = ({ rules }: ActiveRules, key: string): boolean =>
  rules.some(
    ({ status, filter, noncurrentVersionExpiration }) =>
      status === 'enabled' &&
      (noncurrentVersionExpiration?.newerNoncurrentVersions ?? 0) > 0 &&
      key.startsWith(filter?.prefix ?? ''),
  )

/** The end of this second: a key that is written often is looked at once for many writes. */
export const wholeSecond = (nowMs: number): number => Math.ceil(nowMs / 1_000) * 1_000
