import { mayRemove } from '../object-lock.js'
import type { LocksMs } from './locks-ms.js'
import { countsAsSaidMs, type DatedFacts } from './merge-facts.js'

type Locks = Pick<DatedFacts, 'retention' | 'legalHold'>

/** Which locks whoever removed a version elsewhere knew of, by when they were said; he may have had the right to bypass governance. */
export interface PassedOver extends LocksMs {
  readonly bypassGovernance: boolean
}

/**
 * Whether a version may go here that was removed in another store. What was known there does not keep it: its legal hold had been
 * taken away there, its retention of governance was bypassed, or had ended. What was said here of its locks since does, and be it
 * that there are none any more: then it does not matter which of the two is heard of first, nor when a retention ends. One of
 * compliance that has not ended keeps it always.
 *
 * @param isTold Whether what is said of locks here is told to other stores. Where nobody will hear of it only a lock keeps a version.
 */
export function mayRemoveReplica(
  { retention, legalHold }: Locks,
  { bypassGovernance, retentionMs, legalHoldMs }: PassedOver,
  { lockMs, isTold }: { readonly lockMs: number; readonly isTold: boolean },
): boolean {
  // Nobody bypasses a hold, so that somebody must have said that it was taken away. Of two of the same time the one that is on counts.
  const isHeld = legalHold.value === true && (legalHoldMs ?? BEFORE_ALL) <= legalHold.ms
  const lock = { legalHold: isHeld, ...(retention.value && { retention: retention.value }) }
  const bypasses = bypassGovernance && retention.ms <= (retentionMs ?? AFTER_ALL)
  if (!mayRemove(lock, lockMs, bypasses)) return false
  return !isTold || (isKnown(legalHold.ms, legalHoldMs) && isKnown(countsAsSaidMs(retention), retentionMs))
}

const BEFORE_ALL = -1
const AFTER_ALL = Number.POSITIVE_INFINITY

const isKnown = (ms: number, knownMs: number | undefined): boolean => knownMs === undefined || ms <= knownMs

/**
 * Whether a version that was removed is there again when it is brought, for what was said of its locks elsewhere and was not known
 * where it was removed: the other side of {@link mayRemoveReplica}.
 */
export const mustReturn = (facts: Locks, known: LocksMs, lockMs: number): boolean =>
  !mayRemoveReplica(
    facts,
    { bypassGovernance: known.retentionMs !== undefined, ...known },
    { lockMs, isTold: true },
  )

/**
 * Whether nothing keeps such a version but a retention of compliance that had ended where it was removed, and has not by this store's clock.
 * It is not taken back for that: the store that it comes from lets it go at its end, and tells nobody.
 */
export const awaitsRemoval = (facts: Locks, known: LocksMs, lockMs: number): boolean =>
  known.retentionMs !== undefined && mustReturn(facts, known, lockMs) && !mustReturn(facts, known, AFTER_ALL)

/** The locks that whoever removed a version had the right to pass over, and says that he knew of. */
export const passedLocks = ({ bypassGovernance, retentionMs, legalHoldMs }: PassedOver): LocksMs => ({
  ...(bypassGovernance && retentionMs !== undefined && { retentionMs }),
  ...(legalHoldMs !== undefined && { legalHoldMs }),
})
