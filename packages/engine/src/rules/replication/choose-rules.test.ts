import assert from 'node:assert/strict'
import test from 'node:test'
import type { Tags } from '../../contract/object.js'
import type { ReplicationFilter, ReplicationStatus } from '../../contract/replication.js'
import { chooseRules, type RuledTarget } from './choose-rules.js'
import { replicationStatus } from './status.js'

/** Rules of one target by the letter of their ids, the highest priority first. */
function target(number: number, rules: Readonly<Record<string, ReplicationFilter>>): RuledTarget {
  const arn = `arn:${number}`
  return {
    ...{ targetId: new Uint8Array(16).fill(number), arn, keepsVersionIds: true },
    rules: Object.entries(rules).map(([id, filter], at) => ({
      ...{ id, status: 'enabled' as const, priority: 100 - at, filter, destination: { arn } },
    })),
  }
}

const one = target(1, { tagged: { prefix: 'a/', tags: { x: '1', y: '2' } }, wide: { prefix: 'a/' } })
const two = target(2, { all: {} })

const choices: [what: string, key: string, tags: Tags, isDeleteMarker: boolean, chosen: string[]][] = [
  ['a key under no prefix', 'b', {}, false, ['all']],
  ['a key under a prefix, without tags', 'a/b', {}, false, ['wide', 'all']],
  ['one with one tag of two', 'a/b', { x: '1' }, false, ['wide', 'all']],
  ['one with another value', 'a/b', { x: '1', y: '3' }, false, ['wide', 'all']],
  ['one with all tags', 'a/b', { x: '1', y: '2', z: '3' }, false, ['tagged', 'all']],
  ['the prefix itself', 'a/', {}, false, ['wide', 'all']],
  ['a delete marker', 'a/b', {}, true, ['wide', 'all']],
]
for (const [what, key, tags, isDeleteMarker, expected] of choices)
  test(`the rule of the highest priority that matches is chosen for each target: ${what}`, () => {
    const chosen = chooseRules([one, two], { key, tags, isDeleteMarker })
    assert.deepEqual(
      chosen.map(({ rule }) => rule.id),
      expected,
    )
  })

test('a version stays the business of a target that knows of it, when its tags have changed', () => {
  const tagged = target(3, { tagged: { prefix: 'a/', tags: { x: '1' } } })
  const version = { key: 'a/b', tags: {}, isDeleteMarker: false }
  assert.deepEqual(chooseRules([tagged], version), [])
  assert.deepEqual(
    chooseRules([tagged], version, () => true).map(({ rule }) => rule.id),
    ['tagged'],
  )
  assert.deepEqual(
    chooseRules([tagged], { ...version, key: 'b' }, () => true),
    [],
  )
})

test('a tag named like an inherited property is a tag', () => {
  const odd = target(4, { odd: { tags: { toString: 'a' } } })
  assert.deepEqual(chooseRules([odd], { key: 'k', tags: {}, isDeleteMarker: false }), [])
})

const statuses: [targets: ('pending' | 'completed' | 'failed')[], status: ReplicationStatus | undefined][] = [
  [[], undefined],
  [['pending'], 'pending'],
  [['completed'], 'completed'],
  [['failed'], 'failed'],
  [['completed', 'pending'], 'pending'],
  [['completed', 'completed'], 'completed'],
  [['pending', 'failed', 'completed'], 'failed'],
]
for (const [targets, status] of statuses)
  test(`a version that is ${targets.join(', ') || 'for nobody'} is told to be ${status}`, () =>
    assert.equal(replicationStatus(targets.map((status) => ({ status }))), status))
