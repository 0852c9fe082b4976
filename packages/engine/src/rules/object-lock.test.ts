import assert from 'node:assert/strict'
import test from 'node:test'
import type { DefaultRetention, Retention } from '../contract/object-lock.js'
import { isEngineError } from '../errors.js'
import {
  checkObjectLock,
  type LockedUntil,
  lockOfNewVersion,
  mayRemove,
  mayRetain,
  retentionByDefault,
} from './object-lock.js'

const now = Date.parse('2026-06-15T12:00:00.000Z')
const HOUR = 3_600_000
const until = (mode: 'governance' | 'compliance', hours: number): LockedUntil => ({
  mode,
  retainUntilMs: now + hours * HOUR,
})
const governance = (hours: number) => until('governance', hours)
const compliance = (hours: number) => until('compliance', hours)
const show = (retention: LockedUntil | undefined): string =>
  retention === undefined ? 'none' : `${retention.mode} ${(retention.retainUntilMs - now) / HOUR} h`

const removals: [
  retention: LockedUntil | undefined,
  legalHold: boolean | undefined,
  plain: boolean,
  bypass: boolean,
][] = [
  [undefined, undefined, true, true],
  [undefined, false, true, true],
  [undefined, true, false, false],
  [governance(1), undefined, false, true],
  [governance(1), false, false, true],
  [governance(1), true, false, false],
  [governance(0), undefined, false, true],
  [governance(-1), undefined, true, true],
  [governance(-1), true, false, false],
  [compliance(1), undefined, false, false],
  [compliance(1), true, false, false],
  [compliance(0), undefined, false, false],
  [compliance(-1), undefined, true, true],
]

for (const [retention, legalHold, plain, bypass] of removals)
  test(`removing a version with retention ${show(retention)} and legal hold ${legalHold}: ${plain}, bypassing ${bypass}`, () => {
    const lock = { ...(retention && { retention }), ...(legalHold === undefined ? {} : { legalHold }) }
    assert.equal(mayRemove(lock, now, false), plain)
    assert.equal(mayRemove(lock, now, true), bypass)
  })

const changes: [
  from: LockedUntil | undefined,
  to: LockedUntil | undefined,
  plain: boolean,
  bypass: boolean,
][] = [
  [undefined, governance(1), true, true],
  [undefined, compliance(1), true, true],
  [undefined, undefined, true, true],
  [governance(-1), undefined, true, true],
  [governance(-1), compliance(1), true, true],
  [compliance(-1), undefined, true, true],
  [compliance(-1), governance(1), true, true],
  [governance(2), governance(3), true, true],
  [governance(2), governance(2), true, true],
  [governance(2), governance(1), false, true],
  [governance(2), undefined, false, true],
  [governance(2), compliance(3), false, true],
  [governance(2), compliance(1), false, true],
  [governance(0), undefined, false, true],
  [compliance(2), compliance(3), true, true],
  [compliance(2), compliance(2), true, true],
  [compliance(2), compliance(1), false, false],
  [compliance(2), undefined, false, false],
  [compliance(2), governance(3), false, false],
  [compliance(0), undefined, false, false],
]

for (const [from, to, plain, bypass] of changes)
  test(`retention from ${show(from)} to ${show(to)}: ${plain}, bypassing ${bypass}`, () => {
    assert.equal(mayRetain(from, to, now, false), plain)
    assert.equal(mayRetain(from, to, now, true), bypass)
  })

const defaults: [rule: DefaultRetention, from: string, expected: string][] = [
  [{ mode: 'governance', days: 1 }, '2026-06-15T12:34:56.789Z', '2026-06-16T12:34:56.789Z'],
  [{ mode: 'compliance', days: 30 }, '2026-02-15T00:00:00.000Z', '2026-03-17T00:00:00.000Z'],
  [{ mode: 'governance', days: 36_500 }, '2026-01-01T00:00:00.000Z', '2125-12-08T00:00:00.000Z'],
  [{ mode: 'governance', years: 1 }, '2026-06-15T12:34:56.789Z', '2027-06-15T12:34:56.789Z'],
  [{ mode: 'governance', years: 1 }, '2028-02-29T01:00:00.000Z', '2029-03-01T01:00:00.000Z'],
  [{ mode: 'governance', years: 100 }, '2026-01-01T00:00:00.000Z', '2126-01-01T00:00:00.000Z'],
]

for (const [rule, from, expected] of defaults)
  test(`${JSON.stringify(rule)} from ${from} is until ${expected}`, () => {
    const { mode, retainUntilMs } = retentionByDefault(rule, Date.parse(from))
    assert.deepEqual([mode, new Date(retainUntilMs).toISOString()], [rule.mode, expected])
  })

for (const period of [
  { days: 0 },
  { days: -1 },
  { days: 1.5 },
  { days: 36_501 },
  { years: 0 },
  { years: 101 },
])
  test(`a default of ${JSON.stringify(period)} is refused`, () => {
    const defaultRetention = { mode: 'governance', ...period } as DefaultRetention
    assert.throws(
      () => checkObjectLock({ defaultRetention }),
      (error) => isEngineError(error, 'InvalidRetentionPeriod'),
    )
  })

test('a default that is of no form is a slip of the caller', () => {
  for (const rule of [
    { mode: 'governance' },
    { mode: 'governance', days: 1, years: 1 },
    { mode: 'x', days: 1 },
  ])
    assert.throws(() => checkObjectLock({ defaultRetention: rule as DefaultRetention }), TypeError)
  checkObjectLock({})
})

const own: Retention = { mode: 'compliance', retainUntil: new Date(now + HOUR) }
const locking = { objectLock: true, defaultRetention: { mode: 'governance', days: 1 } } as const

test('a new version is locked as its writer says, else by default, also beside a legal hold', () => {
  assert.deepEqual(lockOfNewVersion(locking, {}, now), { retention: governance(24) })
  assert.deepEqual(lockOfNewVersion(locking, { retention: own }, now), { retention: compliance(1) })
  assert.deepEqual(lockOfNewVersion(locking, { legalHold: true }, now), {
    retention: governance(24),
    legalHold: true,
  })
  assert.deepEqual(lockOfNewVersion({ objectLock: true }, { legalHold: false }, now), { legalHold: false })
  assert.deepEqual(lockOfNewVersion({ objectLock: true }, {}, now), {})
  assert.deepEqual(lockOfNewVersion({}, {}, now), {})
})

test('a lock asked for where the bucket has none is refused', () => {
  for (const asked of [{ retention: own }, { legalHold: true }, { legalHold: false }])
    assert.throws(
      () => lockOfNewVersion({}, asked, now),
      (error) => isEngineError(error, 'InvalidRequest'),
    )
})

test('a retention ends in the future, and in a year of four digits', () => {
  for (const at of [now, now - 1, Number.NaN, Date.UTC(10_000, 0, 1)])
    assert.throws(
      () => lockOfNewVersion(locking, { retention: { mode: 'governance', retainUntil: new Date(at) } }, now),
      (error) => isEngineError(error, 'InvalidArgument'),
    )
})
