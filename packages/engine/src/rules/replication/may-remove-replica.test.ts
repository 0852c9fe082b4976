import assert from 'node:assert/strict'
import test from 'node:test'
import { awaitsRemoval, mayRemoveReplica, mustReturn, type PassedOver } from './may-remove-replica.js'
import type { DatedFacts } from './merge-facts.js'

const NOW = 1_000
const held = (value: boolean | undefined, ms: number) => ({ legalHold: { value, ms } })
const kept = (mode: 'governance' | 'compliance', retainUntilMs: number, ms: number) => ({
  retention: { value: { mode, retainUntilMs }, ms },
})

/** What is said here, what was known where it was removed, and whether it goes. */
const cases: [string, Partial<DatedFacts>, PassedOver, boolean][] = [
  ['nothing is locked', {}, { bypassGovernance: false }, true],
  ['a hold that nobody spoke of', held(true, 5), { bypassGovernance: true }, false],
  ['a hold that was taken away later', held(true, 5), { bypassGovernance: false, legalHoldMs: 6 }, true],
  ['a hold of the same time', held(true, 5), { bypassGovernance: false, legalHoldMs: 5 }, false],
  ['a hold that is newer', held(true, 7), { bypassGovernance: true, legalHoldMs: 6 }, false],
  ['a hold that was taken away before', held(false, 6), { bypassGovernance: false, legalHoldMs: 6 }, true],
  ['governance that ended', kept('governance', 999, 5), { bypassGovernance: false }, true],
  ['governance not spoken of', kept('governance', 1_000, 5), { bypassGovernance: true }, true],
  ['the same, no right', kept('governance', 1_000, 5), { bypassGovernance: false }, false],
  ['the same', kept('governance', 1_000, 5), { bypassGovernance: true, retentionMs: 5 }, true],
  ['the same, no right', kept('governance', 1_000, 5), { bypassGovernance: false, retentionMs: 5 }, false],
  ['newer', kept('governance', 1_000, 6), { bypassGovernance: true, retentionMs: 5 }, false],
  ['compliance', kept('compliance', 1_000, 5), { bypassGovernance: true, retentionMs: 9 }, false],
  ['compliance that ended', kept('compliance', 999, 5), { bypassGovernance: false }, true],
]

for (const [name, said, passing, goes] of cases)
  test(`removed elsewhere, here ${name}: it ${goes ? 'goes' : 'stays'}`, () => {
    const facts = { ...held(undefined, 0), retention: { value: undefined, ms: 0 }, ...said }
    for (const isTold of [true, false])
      assert.equal(mayRemoveReplica(facts, passing, { lockMs: NOW, isTold }), goes)
  })

/** What was said here since, though it keeps nothing any more. */
const since: [string, Partial<DatedFacts>][] = [
  ['a hold that was taken away', held(false, 7)],
  ['a retention that was taken away', { retention: { value: undefined, ms: 7 } }],
  ['a retention that has ended', kept('governance', 999, 7)],
]

for (const [name, said] of since)
  test(`${name} keeps a version that was removed elsewhere without knowing of it, where others hear of it`, () => {
    const facts = { ...held(undefined, 0), retention: { value: undefined, ms: 0 }, ...said }
    const passing = { bypassGovernance: true, retentionMs: 6, legalHoldMs: 6 }
    assert.equal(mayRemoveReplica(facts, passing, { lockMs: NOW, isTold: true }), false)
    assert.equal(mayRemoveReplica(facts, passing, { lockMs: NOW, isTold: false }), true)
  })

test('a version is there in the end or not, whether its removal or what is said of its locks comes first', () => {
  const times = [0, 4, 5, 6]
  const said = [
    ...[undefined, true, false].map((value) => held(value, 5)),
    kept('governance', 1_000, 5),
    kept('governance', 999, 5),
    kept('compliance', 1_000, 5),
    { retention: { value: undefined, ms: 5 } },
  ]
  for (const one of said)
    for (const retentionMs of times)
      for (const legalHoldMs of times) {
        const facts = { ...held(undefined, 0), retention: { value: undefined, ms: 0 }, ...one }
        const known = { retentionMs, legalHoldMs }
        const passing = { bypassGovernance: true, ...known }
        const stays = !mayRemoveReplica(facts, passing, { lockMs: NOW, isTold: true })
        assert.equal(mustReturn(facts, known, NOW), stays, JSON.stringify({ facts, known }))
      }
})

test('a version that was removed where nothing was known of its locks is there again only for a lock', () => {
  const facts = { ...held(undefined, 5), retention: { value: undefined, ms: 5 } }
  assert.equal(mustReturn(facts, {}, NOW), false)
  assert.equal(mustReturn({ ...facts, ...held(false, 9) }, {}, NOW), false)
  assert.equal(mustReturn({ ...facts, ...held(true, 5) }, {}, NOW), true)
  assert.equal(mustReturn({ ...facts, ...kept('governance', 1_000, 5) }, {}, NOW), true)
  assert.equal(mustReturn({ ...facts, ...kept('governance', 999, 5) }, {}, NOW), false)
})

const NOT_LOCKED = { ...held(undefined, 0), retention: { value: undefined, ms: 0 } }
const waits: [string, Partial<DatedFacts>, number | undefined, boolean][] = [
  ['compliance that had ended there', kept('compliance', 1_000, 5), 1_000, true],
  ['compliance that nobody there knew of, though it is older', kept('compliance', 1_000, 5), 9, false],
  ['compliance, where nothing was known', kept('compliance', 1_000, 5), undefined, false],
  ['compliance that has ended here too', kept('compliance', 999, 5), 1_000, false],
  ['a hold as well', { ...kept('compliance', 1_000, 5), ...held(true, 7) }, 1_000, false],
  ['governance that was passed over there', kept('governance', 1_000, 5), 5, false],
  ['governance that is newer', kept('governance', 1_000, 6), 5, false],
]

for (const [name, said, retentionMs, isLater] of waits)
  test(`removed elsewhere, and brought with ${name}: it ${isLater ? 'is' : 'is not'} to come again later`, () => {
    const known = { ...(retentionMs !== undefined && { retentionMs }), legalHoldMs: 6 }
    assert.equal(awaitsRemoval({ ...NOT_LOCKED, ...said }, known, NOW), isLater)
  })
