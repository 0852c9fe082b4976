import assert from 'node:assert/strict'
import test from 'node:test'
import type { LifecycleRule } from '../../contract/lifecycle.js'
import type { ActiveRules } from './active-rules.js'
import { dueAfterDays, isDue } from './days.js'
import { firstOf, forecastsFor, forecastsForUpload, judgeVersion, type VersionFacts } from './forecast.js'

const DAY = 86_400_000
const at = (text: string): number => Date.parse(`2026-${text}:00.000Z`)
const written = at('03-10T14:30')

const days: [since: string, days: number, due: string][] = [
  ['03-10T14:30', 1, '03-12T00:00'],
  ['03-10T14:30', 3, '03-14T00:00'],
  ['03-10T23:59', 1, '03-12T00:00'],
  ['03-10T00:00', 1, '03-12T00:00'],
  ['03-10T14:30', 0, '03-10T14:30'],
]
for (const [since, count, due] of days)
  test(`${count} days after ${since} is ${due}`, () => {
    assert.equal(dueAfterDays(at(since), count, DAY), at(due))
  })

test('a day of seconds ends with its second, and a moment is due once it has passed', () => {
  assert.equal(dueAfterDays(5_400, 1, 1_000), 7_000)
  assert.equal(isDue(7_000, 7_000), false)
  assert.equal(isDue(7_000, 7_001), true)
})

const facts: VersionFacts = {
  key: 'logs/a',
  sizeBytes: 100,
  tags: { kind: 'log', team: 'x' },
  isDeleteMarker: false,
  lastModifiedMs: written,
  isLatest: true,
  isAlone: true,
}
const noncurrent: Partial<VersionFacts> = {
  isLatest: false,
  isAlone: false,
  successorMs: at('03-20T10:00'),
  newerNoncurrent: 2,
}
const marker: Partial<VersionFacts> = { isDeleteMarker: true, sizeBytes: 0, tags: {} }
const active = (...rules: Omit<LifecycleRule, 'status'>[]): ActiveRules => ({
  rules: rules.map((rule, place) => ({ status: 'enabled', ...rule, id: rule.id ?? `r${place + 1}` })),
  dayMs: DAY,
})

const told: [
  what: string,
  facts: Partial<VersionFacts>,
  rule: Omit<LifecycleRule, 'status'>,
  said: string,
][] = [
  ['an object, by days', {}, { expiration: { days: 3 } }, 'expire 03-14'],
  ['an object, by a date', {}, { expiration: { date: new Date(at('02-01T00:00')) } }, 'expire 02-01'],
  [
    'an object with all versions',
    {},
    { expiration: { days: 3, allVersions: true } },
    'expire-all-versions 03-14',
  ],
  ['a prefix that fits', {}, { filter: { prefix: 'logs/' }, expiration: { days: 3 } }, 'expire 03-14'],
  ['another prefix', {}, { filter: { prefix: 'data/' }, expiration: { days: 3 } }, 'other-prefix'],
  ['a tag that fits', {}, { filter: { tags: { kind: 'log' } }, expiration: { days: 3 } }, 'expire 03-14'],
  [
    'a tag with another value',
    {},
    { filter: { tags: { kind: 'x' } }, expiration: { days: 3 } },
    'other-tags',
  ],
  ['one tag of two', {}, { filter: { tags: { kind: 'log', a: '' } }, expiration: { days: 3 } }, 'other-tags'],
  [
    'a name that objects inherit',
    {},
    { filter: { tags: { toString: '' } }, expiration: { days: 3 } },
    'other-tags',
  ],
  [
    'a size that is not greater',
    {},
    { filter: { sizeGreaterThan: 100 }, expiration: { days: 3 } },
    'too-small',
  ],
  [
    'a size that is greater',
    {},
    { filter: { sizeGreaterThan: 99 }, expiration: { days: 3 } },
    'expire 03-14',
  ],
  ['a size that is not less', {}, { filter: { sizeLessThan: 100 }, expiration: { days: 3 } }, 'too-large'],
  ['a size that is less', {}, { filter: { sizeLessThan: 101 }, expiration: { days: 3 } }, 'expire 03-14'],
  [
    'an object, by a rule for markers',
    {},
    { expiration: { expiredObjectDeleteMarker: true } },
    'no-such-action',
  ],
  [
    'an object, by a rule for noncurrent ones',
    {},
    { noncurrentVersionExpiration: { noncurrentDays: 1 } },
    'no-such-action',
  ],
  [
    'a noncurrent version, from when it became that',
    noncurrent,
    { noncurrentVersionExpiration: { noncurrentDays: 2 } },
    'remove-noncurrent 03-23',
  ],
  [
    'a noncurrent version, by a rule for current ones',
    noncurrent,
    { expiration: { days: 1 } },
    'no-such-action',
  ],
  [
    'enough newer ones',
    noncurrent,
    { noncurrentVersionExpiration: { newerNoncurrentVersions: 2 } },
    'remove-noncurrent 03-20',
  ],
  [
    'too few newer ones',
    noncurrent,
    { noncurrentVersionExpiration: { newerNoncurrentVersions: 3 } },
    'among-the-newest',
  ],
  [
    'days and enough newer ones',
    noncurrent,
    { noncurrentVersionExpiration: { noncurrentDays: 2, newerNoncurrentVersions: 2 } },
    'remove-noncurrent 03-23',
  ],
  [
    'days and too few newer ones',
    noncurrent,
    { noncurrentVersionExpiration: { noncurrentDays: 2, newerNoncurrentVersions: 3 } },
    'among-the-newest',
  ],
  [
    'a noncurrent marker',
    { ...noncurrent, ...marker },
    { filter: { sizeGreaterThan: 5 }, noncurrentVersionExpiration: { noncurrentDays: 2 } },
    'remove-noncurrent 03-23',
  ],
  [
    'a noncurrent marker, which has no tags',
    { ...noncurrent, ...marker },
    { filter: { tags: { kind: 'log' } }, noncurrentVersionExpiration: { noncurrentDays: 2 } },
    'other-tags',
  ],
  [
    'a marker with versions behind it',
    { ...marker, isAlone: false },
    { expiration: { expiredObjectDeleteMarker: true } },
    'no-such-action',
  ],
  [
    'a lone marker, at once',
    marker,
    { expiration: { expiredObjectDeleteMarker: true } },
    'remove-delete-marker 03-10',
  ],
  ['a lone marker, by days', marker, { expiration: { days: 3 } }, 'remove-delete-marker 03-14'],
  [
    'a lone marker, by a date',
    marker,
    { expiration: { date: new Date(at('02-01T00:00')) } },
    'no-such-action',
  ],
  [
    'a marker and all it hides',
    { ...marker, isAlone: false },
    { deleteMarkerExpiration: { days: 5 } },
    'expire-all-versions 03-16',
  ],
  [
    'a lone marker that two actions are about: the earlier',
    marker,
    { expiration: { days: 3 }, deleteMarkerExpiration: { days: 5 } },
    'remove-delete-marker 03-14',
  ],
  [
    'a lone marker that two actions are about: the other way',
    marker,
    { expiration: { days: 5 }, deleteMarkerExpiration: { days: 3 } },
    'expire-all-versions 03-14',
  ],
  [
    'an object, by a rule for keys with markers',
    {},
    { deleteMarkerExpiration: { days: 5 } },
    'no-such-action',
  ],
]
for (const [what, which, rule, said] of told)
  test(`${what}: ${said}`, () => {
    const [verdict] = judgeVersion(active(rule), { ...facts, ...which })
    const found = verdict!.because ?? `${verdict!.action} ${verdict!.due!.toISOString().slice(5, 10)}`
    assert.equal(found, said)
    assert.equal(forecastsFor(active(rule), { ...facts, ...which }).length, verdict!.because ? 0 : 1)
  })

test('a disabled rule does nothing', () => {
  const rules: ActiveRules = { rules: [{ id: 'a', status: 'disabled', expiration: { days: 1 } }], dayMs: DAY }
  assert.deepEqual(forecastsFor(rules, facts), [])
  assert.deepEqual(judgeVersion(rules, facts), [{ ruleId: 'a', because: 'disabled' }])
})

test('an upload is aborted so many days after it was begun, under its prefix', () => {
  const rules = active({
    filter: { prefix: 'up/' },
    abortIncompleteMultipartUpload: { daysAfterInitiation: 2 },
  })
  const [forecast] = forecastsForUpload(rules, { key: 'up/a', initiatedMs: written })
  assert.deepEqual(forecast, { action: 'abort-upload', dueMs: at('03-13T00:00'), ruleId: 'r1' })
  assert.deepEqual(forecastsForUpload(rules, { key: 'a', initiatedMs: written }), [])
})

test('of several that are yet to come the earliest is first, and at one moment the rules’ order decides', () => {
  const rules = active(
    { expiration: { days: 5 } },
    { expiration: { days: 3 } },
    { id: 'same', expiration: { days: 3 } },
  )
  assert.equal(firstOf(forecastsFor(rules, facts), written)?.ruleId, 'r2')
})

test('of several that are due the one that takes most is first', () => {
  const rules = active({ expiration: { days: 3 } }, { id: 'all', expiration: { days: 5, allVersions: true } })
  assert.equal(firstOf(forecastsFor(rules, facts), written + 4 * DAY)?.ruleId, 'r1')
  assert.equal(firstOf(forecastsFor(rules, facts), written + 30 * DAY)?.ruleId, 'all')
})
