import type { Tags } from '../../contract/object.js'
import type { LockedUntil } from '../object-lock.js'

/** What is said of a version, and when that was said last. */
export interface Dated<T> {
  readonly value: T
  readonly ms: number
}

/** All that can be changed of a version once it is written. */
export interface DatedFacts {
  readonly tags: Dated<Tags>
  readonly retention: Dated<LockedUntil | undefined>
  /** Absent: never set. */
  readonly legalHold: Dated<boolean | undefined>
}

/**
 * What holds of a version of which two stores say something. Each fact is the greater of the two in an order of all that
 * can be said, so that every store comes to the same whatever reaches it, in whichever order and however often.
 *
 * @param lockMs The time by which retentions end.
 */
export const mergeFacts = (one: DatedFacts, other: DatedFacts, lockMs: number): DatedFacts => ({
  tags: greater(one.tags, other.tags, rankOfTags),
  retention: greater(one.retention, other.retention, (said) => rankOfRetention(said, lockMs)),
  legalHold: greater(one.legalHold, other.legalHold, rankOfHold),
})

/** Whether both say the same, in values and in times. */
export const areSameFacts = (one: DatedFacts, other: DatedFacts): boolean =>
  isSame(rankOfTags(one.tags), rankOfTags(other.tags)) &&
  isSame(rankOfRetention(one.retention, 0), rankOfRetention(other.retention, 0)) &&
  isSame(rankOfHold(one.legalHold), rankOfHold(other.legalHold))

/**
 * Whether one store says what another does not know of yet: something newer. A retention of compliance counts as said up to its end, as
 * above, and is no newer for not having ended by this store's clock: two whose clocks differ would answer each other until it has.
 */
export const knowsMore = (one: DatedFacts, other: DatedFacts): boolean =>
  other.tags.ms < one.tags.ms ||
  other.legalHold.ms < one.legalHold.ms ||
  countsAsSaidMs(other.retention) < countsAsSaidMs(one.retention)

/**
 * Whether of two that are said of a retention one is of compliance that has not ended by this store's clock, and the other was said where
 * it had. Neither can hold then: the one must not be shortened, and the other will hold in the end.
 */
export const awaitsItsEnd = (one: SaidRetention, other: SaidRetention, lockMs: number): boolean =>
  isSaidAfterEnd(one, other, lockMs) || isSaidAfterEnd(other, one, lockMs)

type SaidRetention = Dated<LockedUntil | undefined>

const isSaidAfterEnd = (
  { value, ms }: SaidRetention,
  { value: kept }: SaidRetention,
  lockMs: number,
): boolean =>
  kept?.mode === 'compliance' &&
  lockMs <= kept.retainUntilMs &&
  (value?.mode !== 'compliance' || value.retainUntilMs < kept.retainUntilMs) &&
  kept.retainUntilMs < ms

/** Whether what holds now keeps the version for less long than a retention of governance that has not ended would have. */
export const weakensGovernance = (
  before: LockedUntil | undefined,
  after: LockedUntil | undefined,
  lockMs: number,
): boolean =>
  before?.mode === 'governance' &&
  lockMs <= before.retainUntilMs &&
  (after === undefined || after.retainUntilMs < before.retainUntilMs)

/** Compared from the first on; two are alike only where all that is said is. */
type Rank = readonly (number | string)[]

/** The newest; of two of the same time the one whose text is greater, so that both stores choose the same. */
const rankOfTags = ({ value, ms }: Dated<Tags>): Rank => [ms, textOf(value)]

const textOf = (tags: Tags): string =>
  JSON.stringify(Object.entries(tags).sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)))

/**
 * One of compliance that has not ended stands above all else, the longest first. It counts as said up to its end:
 * whatever was said elsewhere while it lasted does not hold after it either. So it does not matter whether the
 * two met before its end or after it. The others are as new as they were said.
 */
function rankOfRetention({ value, ms }: Dated<LockedUntil | undefined>, lockMs: number): Rank {
  if (value === undefined) return [-1, ms, 0, -1, ms]
  const { mode, retainUntilMs } = value
  if (mode === 'governance') return [-1, ms, 0, retainUntilMs, ms]
  return [lockMs <= retainUntilMs ? retainUntilMs : -1, countsAsSaidMs({ value, ms }), 1, retainUntilMs, ms]
}

/** As new as it counts: one of compliance up to its end. */
export const countsAsSaidMs = ({ value, ms }: Dated<LockedUntil | undefined>): number =>
  value?.mode === 'compliance' ? Math.max(ms, value.retainUntilMs) : ms

/** The newest; of two of the same time the one that is on. */
const rankOfHold = ({ value, ms }: Dated<boolean | undefined>): Rank => [
  ms,
  value === undefined ? 0 : value ? 2 : 1,
]

function greater<T>(one: Dated<T>, other: Dated<T>, rankOf: (said: Dated<T>) => Rank): Dated<T> {
  const [a, b] = [rankOf(one), rankOf(other)]
  const at = a.findIndex((part, index) => part !== b[index])
  return at < 0 || a[at]! > b[at]! ? one : other
}

const isSame = (one: Rank, other: Rank): boolean => one.every((part, at) => part === other[at])
