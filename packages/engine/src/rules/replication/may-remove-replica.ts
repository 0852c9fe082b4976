import { mayRemove } from '../object-lock.js'
import type { DatedFacts } from './merge-facts.js'
import type { FactTimesMs } from './replica-of.js'

/** Which locks whoever removed a version elsewhere knew of, by when they were said; he may have had the right to bypass governance. */
export interface PassedOver extends FactTimesMs {
  readonly bypassGovernance: boolean
}

/**
 * Whether a version may go here that was removed in another store. What was known there does not keep it: its legal hold had been
 * taken away there, its retention of governance was bypassed, or had ended. A lock that is newer does, and so does one of compliance.
 */
export function mayRemoveReplica(
  { retention, legalHold }: Pick<DatedFacts, 'retention' | 'legalHold'>,
  { bypassGovernance, retentionMs = AFTER_ALL, legalHoldMs = BEFORE_ALL }: PassedOver,
  lockMs: number,
): boolean {
  // Of two that were said at the same time the hold that is on counts.
  const isHeld = legalHold.value === true && legalHoldMs <= legalHold.ms
  const lock = { legalHold: isHeld, ...(retention.value && { retention: retention.value }) }
  return mayRemove(lock, lockMs, bypassGovernance && retention.ms <= retentionMs)
}

/** Where it was not said. Nobody bypasses a hold, so that somebody must have said that it was taken away. */
const BEFORE_ALL = -1
const AFTER_ALL = Number.POSITIVE_INFINITY
