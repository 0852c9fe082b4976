import assert from 'node:assert/strict'
import test from 'node:test'
import type { ReadConditions } from '../contract/object.js'
import { isEngineError } from '../errors.js'
import { checkCopySourceConditions, checkReadConditions } from './read-conditions.js'

const etag = 'd41d8cd98f00b204e9800998ecf8427e'
const lastModifiedMs = Date.UTC(2026, 4, 5, 6, 7, 8, 900)
const nowMs = Date.UTC(2026, 5, 1)
const facts = { etag, lastModifiedMs }
const before = new Date(lastModifiedMs - 60_000)
const after = new Date(lastModifiedMs + 60_000)

type Given = 'true' | 'false' | '-'
/** A status of HTTP stands for what is thrown: that is how the source writes its table. */
type Row = [match: Given, noneMatch: Given, modified: Given, unmodified: Given, status: 200 | 304 | 412]

const any: readonly Given[] = ['true', 'false', '-']
// Source: the table that public measurements of S3 give ("true": the condition holds). "any" rows are spelled out.
const table: Row[] = [
  ...any.flatMap((none) => any.flatMap((mod) => any.map((unmod): Row => ['false', none, mod, unmod, 412]))),
  ...any.flatMap((mod) => any.map((unmod): Row => ['true', 'false', mod, unmod, 304])),
  ...any.flatMap((mod) => any.map((unmod): Row => ['true', 'true', mod, unmod, 200])),
  ...any.map((unmod): Row => ['true', '-', 'false', unmod, 304]),
  ...any.flatMap((unmod): Row[] => [
    ['true', '-', 'true', unmod, 200],
    ['true', '-', '-', unmod, 200],
  ]),
  ...any.flatMap((mod): Row[] => [
    ['-', 'true', mod, 'false', 412],
    ['-', 'true', mod, 'true', 200],
    ['-', 'true', mod, '-', 200],
    ['-', 'false', mod, 'false', 412],
    ['-', 'false', mod, 'true', 304],
    ['-', 'false', mod, '-', 304],
  ]),
  ['-', '-', 'false', 'false', 412],
  ['-', '-', 'false', 'true', 304],
  ['-', '-', 'false', '-', 304],
  ['-', '-', 'true', 'false', 412],
  ['-', '-', 'true', 'true', 200],
  ['-', '-', 'true', '-', 200],
  ['-', '-', '-', 'true', 200],
  ['-', '-', '-', 'false', 412],
  ['-', '-', '-', '-', 200],
]

function conditionsOf([match, noneMatch, modified, unmodified]: Row): ReadConditions {
  return {
    ...(match === '-' ? {} : { ifMatch: match === 'true' ? etag : 'other' }),
    ...(noneMatch === '-' ? {} : { ifNoneMatch: noneMatch === 'true' ? 'other' : etag }),
    ...(modified === '-' ? {} : { ifModifiedSince: modified === 'true' ? before : after }),
    ...(unmodified === '-' ? {} : { ifUnmodifiedSince: unmodified === 'true' ? after : before }),
  }
}

function statusOf(check: () => void): number {
  try {
    check()
    return 200
  } catch (error) {
    if (isEngineError(error, 'NotModified')) return 304
    if (isEngineError(error, 'PreconditionFailed')) return 412
    throw error
  }
}

test('the table holds every combination once', () => {
  assert.equal(new Set(table.map((row) => row.slice(0, 4).join())).size, 81)
  assert.equal(table.length, 81)
})

for (const row of table) {
  const [match, noneMatch, modified, unmodified, status] = row
  const name = `match ${match}, none-match ${noneMatch}, modified ${modified}, unmodified ${unmodified}`
  test(`${name}: ${status} for a reader, ${status === 304 ? 412 : status} for a copy`, () => {
    const conditions = conditionsOf(row)
    assert.equal(
      statusOf(() => checkReadConditions(conditions, facts, nowMs)),
      status,
    )
    const copied = statusOf(() => checkCopySourceConditions(conditions, facts, nowMs))
    assert.equal(copied, status === 304 ? 412 : status)
  })
}

const condition = (check: () => void): string | undefined => {
  try {
    check()
  } catch (error) {
    if (isEngineError(error, 'PreconditionFailed')) return error.details.condition
  }
  return undefined
}

test('the condition that failed is named', () => {
  assert.equal(
    condition(() => checkReadConditions({ ifMatch: 'x' }, facts, nowMs)),
    'ifMatch',
  )
  const ifUnmodifiedSince = before
  assert.equal(
    condition(() => checkReadConditions({ ifUnmodifiedSince }, facts, nowMs)),
    'ifUnmodifiedSince',
  )
  const named: [ReadConditions, string][] = [
    [{ ifMatch: 'x' }, 'source.ifMatch'],
    [{ ifNoneMatch: etag }, 'source.ifNoneMatch'],
    [{ ifModifiedSince: after }, 'source.ifModifiedSince'],
    [{ ifUnmodifiedSince: before }, 'source.ifUnmodifiedSince'],
  ]
  for (const [conditions, expected] of named) {
    assert.equal(
      condition(() => checkCopySourceConditions(conditions, facts, nowMs)),
      expected,
    )
  }
})

test('not modified tells what is stored', () => {
  assert.throws(
    () => checkReadConditions({ ifNoneMatch: '*' }, facts, nowMs),
    (error) =>
      isEngineError(error, 'NotModified') &&
      error.details.etag === etag &&
      error.details.lastModified.getTime() === lastModifiedMs,
  )
})

test('lists, quotes, weak tags and the star are understood', () => {
  for (const written of [`"x", "${etag}"`, `W/"${etag}"`, '*']) {
    assert.equal(
      statusOf(() => checkReadConditions({ ifMatch: written }, facts, nowMs)),
      200,
    )
    assert.equal(
      statusOf(() => checkReadConditions({ ifNoneMatch: written }, facts, nowMs)),
      304,
    )
  }
})

test('dates compare to the second: the one a reader was told is not modified and not unmodified', () => {
  const told = new Date(Math.floor(lastModifiedMs / 1_000) * 1_000)
  assert.equal(
    statusOf(() => checkReadConditions({ ifModifiedSince: told }, facts, nowMs)),
    304,
  )
  assert.equal(
    statusOf(() => checkReadConditions({ ifUnmodifiedSince: told }, facts, nowMs)),
    200,
  )
  const secondBefore = new Date(told.getTime() - 1_000)
  assert.equal(
    statusOf(() => checkReadConditions({ ifModifiedSince: secondBefore }, facts, nowMs)),
    200,
  )
  assert.equal(
    statusOf(() => checkReadConditions({ ifUnmodifiedSince: secondBefore }, facts, nowMs)),
    412,
  )
})

test('a date that is no date, or is yet to come, is not a condition', () => {
  const none = new Date(Number.NaN)
  assert.equal(
    statusOf(() => checkReadConditions({ ifModifiedSince: none }, facts, nowMs)),
    200,
  )
  assert.equal(
    statusOf(() => checkReadConditions({ ifUnmodifiedSince: none }, facts, nowMs)),
    200,
  )
  const future = new Date(nowMs + 1)
  assert.equal(
    statusOf(() => checkReadConditions({ ifModifiedSince: future }, facts, nowMs)),
    200,
  )
  assert.equal(
    statusOf(() => checkReadConditions({ ifUnmodifiedSince: future }, facts, nowMs)),
    200,
  )
})
