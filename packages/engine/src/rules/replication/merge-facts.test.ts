import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Tags } from '../../contract/object.js'
import type { LockedUntil } from '../object-lock.js'
import {
  areSameFacts,
  awaitsItsEnd,
  type Dated,
  type DatedFacts,
  knowsMore,
  mergeFacts,
  weakensGovernance,
} from './merge-facts.js'

const LOCK_MS = 100
const governance = (retainUntilMs: number): LockedUntil => ({ mode: 'governance', retainUntilMs })
const compliance = (retainUntilMs: number): LockedUntil => ({ mode: 'compliance', retainUntilMs })
const at = <T>(ms: number, value: T): Dated<T> => ({ value, ms })

const nothing: DatedFacts = { tags: at(0, {}), retention: at(0, undefined), legalHold: at(0, undefined) }

const tagsThatHold: [why: string, one: Dated<Tags>, other: Dated<Tags>, holds: Dated<Tags>][] = [
  ['the newest', at(1, { a: '9' }), at(2, { a: '1' }), at(2, { a: '1' })],
  ['the newest, also where it has none', at(1, { a: '1' }), at(2, {}), at(2, {})],
  ['the greater text of two of the same time', at(1, { a: '1' }), at(1, { a: '2' }), at(1, { a: '2' })],
  ['the greater by the order of names', at(1, { a: '1', b: '1' }), at(1, { b: '0' }), at(1, { b: '0' })],
]

for (const [why, one, other, holds] of tagsThatHold)
  test(`of two sets of tags holds ${why}`, () => {
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const)
      assert.deepEqual(
        mergeFacts({ ...nothing, tags: first }, { ...nothing, tags: second }, LOCK_MS).tags,
        holds,
      )
  })

test('tags in another order are the same tags', () => {
  const one = { ...nothing, tags: at(1, { a: '1', b: '2' }) }
  const other = { ...nothing, tags: at(1, { b: '2', a: '1' }) }
  assert.ok(areSameFacts(one, other))
})

type Said = Dated<LockedUntil | undefined>
const retentionsThatHold: [why: string, one: Said, other: Said, holds: 'one' | 'other'][] = [
  ['the newest of governance, although shorter', at(1, governance(300)), at(2, governance(200)), 'other'],
  ['the newest, although it takes one away', at(1, governance(300)), at(2, undefined), 'other'],
  ['the longer of two of the same time', at(1, governance(300)), at(1, governance(200)), 'one'],
  ['one rather than none of the same time', at(1, governance(200)), at(1, undefined), 'one'],
  ['compliance before what is newer', at(1, compliance(200)), at(9, governance(300)), 'one'],
  ['compliance before its being taken away', at(1, compliance(200)), at(9, undefined), 'one'],
  ['the longer compliance, although it is older', at(1, compliance(300)), at(9, compliance(200)), 'one'],
  ['the newer of two of equal compliance', at(1, compliance(300)), at(9, compliance(300)), 'other'],
  ['compliance up to its last moment', at(1, compliance(LOCK_MS)), at(99, undefined), 'one'],
  [
    'compliance that lasts before a later one that has ended',
    at(1, compliance(100)),
    at(120, compliance(99)),
    'one',
  ],
  ['what came after compliance had ended', at(1, compliance(50)), at(60, governance(200)), 'other'],
  ['not what came while compliance lasted', at(1, compliance(50)), at(40, governance(200)), 'one'],
  ['compliance before a time that has not come', at(1, compliance(200)), at(999, undefined), 'one'],
]

for (const [why, one, other, holds] of retentionsThatHold)
  test(`of two retentions holds ${why}`, () => {
    const expected = holds === 'one' ? one : other
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const)
      assert.deepEqual(
        mergeFacts({ ...nothing, retention: first }, { ...nothing, retention: second }, LOCK_MS).retention,
        expected,
      )
  })

const holdsThatHold: [one: Dated<boolean | undefined>, other: Dated<boolean | undefined>, on?: boolean][] = [
  [at(1, true), at(2, false), false],
  [at(1, false), at(2, true), true],
  [at(1, true), at(1, false), true],
  [at(1, undefined), at(1, false), false],
  [at(1, undefined), at(1, undefined), undefined],
]

for (const [one, other, on] of holdsThatHold)
  test(`of legal hold ${one.value} at ${one.ms} and ${other.value} at ${other.ms} holds ${on}`, () => {
    const merge = (a: typeof one, b: typeof one) =>
      mergeFacts({ ...nothing, legalHold: a }, { ...nothing, legalHold: b }, LOCK_MS).legalHold.value
    assert.equal(merge(one, other), on)
    assert.equal(merge(other, one), on)
  })

const retentions = fc.option(
  fc.record({ mode: fc.constantFrom('governance', 'compliance'), retainUntilMs: fc.nat(12) }),
  { nil: undefined },
)
const dated = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Dated<T>> => fc.record({ value, ms: fc.nat(12) })
/** Few values and times, so that they often meet. */
const facts: fc.Arbitrary<DatedFacts> = fc.record({
  tags: dated(fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2')) as fc.Arbitrary<Tags>),
  retention: dated(retentions as fc.Arbitrary<LockedUntil | undefined>),
  legalHold: dated(fc.constantFrom(undefined, false, true)),
})
const lockTimes = fc.nat(12)

test('it does not matter who says what first', () => {
  fc.assert(
    fc.property(facts, facts, lockTimes, (a, b, lockMs) =>
      areSameFacts(mergeFacts(a, b, lockMs), mergeFacts(b, a, lockMs)),
    ),
  )
})

test('it does not matter which two meet first', () => {
  fc.assert(
    fc.property(facts, facts, facts, lockTimes, (a, b, c, lockMs) => {
      const left = mergeFacts(mergeFacts(a, b, lockMs), c, lockMs)
      return areSameFacts(left, mergeFacts(a, mergeFacts(b, c, lockMs), lockMs))
    }),
  )
})

test('what is said twice is said once', () => {
  fc.assert(
    fc.property(facts, facts, lockTimes, (a, b, lockMs) => {
      const merged = mergeFacts(a, b, lockMs)
      return [a, b, merged].every((again) => areSameFacts(mergeFacts(merged, again, lockMs), merged))
    }),
  )
})

test('what was said before the lock time comes to the same whenever it meets', () => {
  fc.assert(
    fc.property(facts, facts, lockTimes, lockTimes, (a, b, early, later) => {
      const said = Math.max(...[a, b].map(({ retention }) => retention.ms))
      const [one, other] = [said + early, said + early + later]
      return areSameFacts(mergeFacts(a, b, one), mergeFacts(a, b, other))
    }),
  )
})

test('no merge weakens a retention of compliance that has not ended', () => {
  fc.assert(
    fc.property(facts, facts, lockTimes, (a, b, lockMs) => {
      const before = a.retention.value
      if (before?.mode !== 'compliance' || before.retainUntilMs < lockMs) return true
      const { value: after } = mergeFacts(a, b, lockMs).retention
      return after?.mode === 'compliance' && after.retainUntilMs >= before.retainUntilMs
    }),
  )
})

const weakenings: [before: LockedUntil | undefined, after: LockedUntil | undefined, weakens: boolean][] = [
  [undefined, undefined, false],
  [governance(200), undefined, true],
  [governance(200), governance(199), true],
  [governance(200), governance(200), false],
  [governance(200), compliance(199), true],
  [governance(200), compliance(200), false],
  [governance(LOCK_MS), undefined, true],
  [governance(LOCK_MS - 1), undefined, false],
  [compliance(LOCK_MS - 1), undefined, false],
]

for (const [before, after, weakens] of weakenings)
  test(`${JSON.stringify(before)} that becomes ${JSON.stringify(after)} ${weakens ? 'is' : 'is not'} weakened`, () => {
    assert.equal(weakensGovernance(before, after, LOCK_MS), weakens)
  })

const known: [why: string, one: Partial<DatedFacts>, other: Partial<DatedFacts>, isMore: boolean][] = [
  ['the same', {}, {}, false],
  ['newer tags', { tags: at(2, {}) }, { tags: at(1, { a: '1' }) }, true],
  ['older tags', { tags: at(1, { a: '1' }) }, { tags: at(2, {}) }, false],
  ['other tags of the same time', { tags: at(1, { a: '2' }) }, { tags: at(1, { a: '1' }) }, false],
  ['a newer hold', { legalHold: at(2, false) }, { legalHold: at(1, true) }, true],
  ['an older hold', { legalHold: at(1, true) }, { legalHold: at(2, false) }, false],
  ['a newer retention', { retention: at(2, undefined) }, { retention: at(1, governance(300)) }, true],
  ['an older retention', { retention: at(1, governance(300)) }, { retention: at(2, undefined) }, false],
  ['longer compliance', { retention: at(1, compliance(300)) }, { retention: at(2, compliance(200)) }, true],
  [
    'compliance that lasted longer',
    { retention: at(1, compliance(50)) },
    { retention: at(40, undefined) },
    true,
  ],
  [
    'compliance, of what is said later',
    { retention: at(1, compliance(300)) },
    { retention: at(400, undefined) },
    false,
  ],
]

for (const [why, one, other, isMore] of known)
  test(`${isMore ? 'more' : 'no more'} is known by who knows ${why}`, () => {
    assert.equal(knowsMore({ ...nothing, ...one }, { ...nothing, ...other }), isMore)
  })

test('once two have told each other, neither knows more', () => {
  fc.assert(
    fc.property(facts, facts, lockTimes, lockTimes, (a, b, mine, yours) => {
      const here = mergeFacts(a, b, mine)
      const there = mergeFacts(b, here, yours)
      return !(knowsMore(there, here) && knowsMore(here, there))
    }),
  )
})

const ends: [why: string, one: Said, other: Said, awaits: boolean][] = [
  ['taken away where it had ended', at(1, compliance(LOCK_MS)), at(101, undefined), true],
  ['another where it had ended', at(1, compliance(LOCK_MS)), at(101, governance(300)), true],
  ['taken away while it lasted', at(1, compliance(LOCK_MS)), at(100, undefined), false],
  ['taken away when it has ended here too', at(1, compliance(99)), at(101, undefined), false],
  ['longer compliance', at(1, compliance(200)), at(300, compliance(400)), false],
  ['shorter compliance where it had ended', at(1, compliance(200)), at(300, compliance(150)), true],
  ['governance', at(1, governance(200)), at(300, undefined), false],
]

for (const [why, one, other, awaits] of ends)
  test(`the end of a retention ${awaits ? 'is' : 'is not'} waited for: ${why}`, () => {
    assert.equal(awaitsItsEnd(one, other, LOCK_MS), awaits)
    assert.equal(awaitsItsEnd(other, one, LOCK_MS), awaits)
  })
