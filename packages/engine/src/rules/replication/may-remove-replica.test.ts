import assert from 'node:assert/strict'
import test from 'node:test'
import { mayRemoveReplica, type PassedOver } from './may-remove-replica.js'
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
  ['a hold that was taken away here', held(false, 7), { bypassGovernance: false, legalHoldMs: 6 }, true],
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
    assert.equal(mayRemoveReplica(facts, passing, NOW), goes)
  })
