import assert from 'node:assert/strict'
import test from 'node:test'
import type { LifecycleRule } from '../../contract/lifecycle.js'
import { checkLifecycle } from './check-lifecycle.js'

const days = { days: 1 }
type Rule = Omit<LifecycleRule, 'status'>

const accepted: [what: string, rule: Rule][] = [
  ['days', { expiration: days }],
  ['days with all versions', { expiration: { days: 1, allVersions: true } }],
  ['a date at midnight', { expiration: { date: new Date('2026-03-10T00:00:00Z') } }],
  ['markers', { expiration: { expiredObjectDeleteMarker: true } }],
  [
    'markers under a size',
    { filter: { sizeGreaterThan: 1 }, expiration: { expiredObjectDeleteMarker: true } },
  ],
  ['keys with markers', { deleteMarkerExpiration: days }],
  ['noncurrent days', { noncurrentVersionExpiration: { noncurrentDays: 1 } }],
  ['newer noncurrent ones alone', { noncurrentVersionExpiration: { newerNoncurrentVersions: 1 } }],
  ['both', { noncurrentVersionExpiration: { noncurrentDays: 1, newerNoncurrentVersions: 100 } }],
  [
    'days and no newer ones',
    { noncurrentVersionExpiration: { noncurrentDays: 1, newerNoncurrentVersions: 0 } },
  ],
  [
    'no days and newer ones',
    { noncurrentVersionExpiration: { noncurrentDays: 0, newerNoncurrentVersions: 1 } },
  ],
  [
    'uploads under a prefix',
    { filter: { prefix: 'a' }, abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } },
  ],
  ['an ID of 255 characters', { id: 'x'.repeat(255), expiration: days }],
  ['sizes of one byte apart', { filter: { sizeGreaterThan: 0, sizeLessThan: 1 }, expiration: days }],
  [
    'all filters',
    { filter: { prefix: '', tags: { a: '' }, sizeGreaterThan: 0, sizeLessThan: 9 }, expiration: days },
  ],
]
for (const [what, rule] of accepted)
  test(`a rule may be about ${what}`, () => checkLifecycle([{ status: 'enabled', ...rule }], {}))

const refused: [what: string, code: string, rule: Rule][] = [
  ['no action', 'InvalidArgument', {}],
  ['an ID of 256 characters', 'InvalidArgument', { id: 'x'.repeat(256), expiration: days }],
  ['no days', 'InvalidArgument', { expiration: { days: 0 } }],
  ['days below none', 'InvalidArgument', { expiration: { days: -1 } }],
  ['half a day', 'InvalidArgument', { expiration: { days: 0.5 } }],
  ['more days than a clock has', 'InvalidArgument', { expiration: { days: 2_000_001 } }],
  [
    'a date that is no midnight',
    'InvalidArgument',
    { expiration: { date: new Date('2026-03-10T00:00:01Z') } },
  ],
  ['no date', 'InvalidArgument', { expiration: { date: new Date('x') } }],
  ['days and a date', 'InvalidArgument', { expiration: { days: 1, date: new Date(0) } as never }],
  ['an expiration that says nothing', 'InvalidArgument', { expiration: {} as never }],
  [
    'markers by tags',
    'InvalidRequest',
    { filter: { tags: { a: '' } }, expiration: { expiredObjectDeleteMarker: true } },
  ],
  [
    'keys with markers by tags',
    'InvalidRequest',
    { filter: { tags: { a: '' } }, deleteMarkerExpiration: days },
  ],
  ['no noncurrent days', 'InvalidArgument', { noncurrentVersionExpiration: { noncurrentDays: 0 } }],
  ['nothing of noncurrent ones', 'InvalidArgument', { noncurrentVersionExpiration: {} }],
  ['no newer ones', 'InvalidArgument', { noncurrentVersionExpiration: { newerNoncurrentVersions: 0 } }],
  [
    'more newer ones than a commit holds',
    'InvalidArgument',
    { noncurrentVersionExpiration: { newerNoncurrentVersions: 1_001 } },
  ],
  [
    'uploads after no days',
    'InvalidArgument',
    { abortIncompleteMultipartUpload: { daysAfterInitiation: 0 } },
  ],
  [
    'uploads by tags',
    'InvalidRequest',
    { filter: { tags: { a: '' } }, abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } },
  ],
  [
    'uploads by size',
    'InvalidRequest',
    { filter: { sizeLessThan: 1 }, abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } },
  ],
  [
    'sizes that nothing has',
    'InvalidArgument',
    { filter: { sizeGreaterThan: 5, sizeLessThan: 5 }, expiration: days },
  ],
  ['a size below none', 'InvalidArgument', { filter: { sizeGreaterThan: -1 }, expiration: days }],
  [
    'a tag with a name too long',
    'InvalidTag',
    { filter: { tags: { ['x'.repeat(129)]: '' } }, expiration: days },
  ],
  ['a filter by no tags', 'InvalidArgument', { filter: { tags: {} }, expiration: days }],
  [
    'a prefix longer than a key',
    'InvalidArgument',
    { filter: { prefix: 'x'.repeat(1_025) }, expiration: days },
  ],
]
for (const [what, code, rule] of refused)
  test(`a rule with ${what} is refused`, () => {
    assert.throws(() => checkLifecycle([{ status: 'enabled', ...rule }], {}), { code })
  })

test('there are 1 to 1,000 rules, with ids that differ', () => {
  const rules = (count: number) =>
    Array.from({ length: count }, (_, place) => ({
      id: `${place}`,
      status: 'enabled' as const,
      expiration: days,
    }))
  checkLifecycle(rules(1_000), {})
  for (const wrong of [[], rules(1_001), [...rules(1), ...rules(1)]])
    assert.throws(() => checkLifecycle(wrong, {}), { code: 'InvalidArgument' })
  checkLifecycle(
    [
      { status: 'enabled', expiration: days },
      { status: 'disabled', expiration: days },
    ],
    {},
  )
})

test('a status is enabled or disabled', () => {
  assert.throws(() => checkLifecycle([{ status: 'Enabled' as 'enabled', expiration: days }], {}), {
    code: 'InvalidArgument',
  })
})

test('where versions may be locked no rule removes all of a key', () => {
  const locked = { objectLock: true }
  for (const rule of [{ expiration: { days: 1, allVersions: true } }, { deleteMarkerExpiration: days }])
    assert.throws(() => checkLifecycle([{ status: 'enabled', ...rule }], locked), { code: 'InvalidRequest' })
  checkLifecycle([{ status: 'enabled', expiration: days }], locked)
})
