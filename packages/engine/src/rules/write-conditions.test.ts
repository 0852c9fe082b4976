import assert from 'node:assert/strict'
import test from 'node:test'
import type { DeleteConditions, WriteConditions } from '../contract/object.js'
import { isEngineError } from '../errors.js'
import { type CurrentFacts, checkDeleteConditions, checkWriteConditions } from './write-conditions.js'

const etag = 'd41d8cd98f00b204e9800998ecf8427e'
const lastModifiedMs = Date.UTC(2026, 4, 5, 6, 7, 8, 900)
const states: Record<
  'missing' | 'delete marker' | 'existing',
  (CurrentFacts & { sizeBytes: number }) | undefined
> = {
  missing: undefined,
  'delete marker': { etag: '', isDeleteMarker: true, lastModifiedMs, sizeBytes: 0 },
  existing: { etag, isDeleteMarker: false, lastModifiedMs, sizeBytes: 5 },
}
const target = { bucket: 'photos', key: 'cat.jpg' }

type Outcome = 'passes' | 'NoSuchKey' | 'ifMatch' | 'ifNoneMatch' | 'ifLastModified' | 'ifSizeBytes'
type Row = [state: keyof typeof states, WriteConditions, Outcome]

// Sources: S3 User Guide, conditional writes and conditional deletes; `ifNoneMatch` with an ETag is our own.
const table: Row[] = (['missing', 'delete marker'] as const).flatMap((state): Row[] => [
  [state, {}, 'passes'],
  [state, { ifNoneMatch: '*' }, 'passes'],
  [state, { ifNoneMatch: etag }, 'passes'],
  [state, { ifMatch: '*' }, 'NoSuchKey'],
  [state, { ifMatch: etag }, 'NoSuchKey'],
  [state, { ifMatch: '' }, 'NoSuchKey'],
  [state, { ifMatch: '*', ifNoneMatch: '*' }, 'NoSuchKey'],
])
table.push(
  ['existing', {}, 'passes'],
  ['existing', { ifNoneMatch: '*' }, 'ifNoneMatch'],
  ['existing', { ifNoneMatch: etag }, 'ifNoneMatch'],
  ['existing', { ifNoneMatch: 'other' }, 'passes'],
  ['existing', { ifMatch: '*' }, 'passes'],
  ['existing', { ifMatch: etag }, 'passes'],
  ['existing', { ifMatch: `"${etag}"` }, 'passes'],
  ['existing', { ifMatch: `W/"${etag}"` }, 'passes'],
  ['existing', { ifMatch: 'other' }, 'ifMatch'],
  ['existing', { ifMatch: `"other", "${etag}"` }, 'ifMatch'], // Writes take no lists.
  ['existing', { ifMatch: '' }, 'ifMatch'],
  ['existing', { ifMatch: etag, ifNoneMatch: 'other' }, 'passes'],
  ['existing', { ifMatch: etag, ifNoneMatch: '*' }, 'ifNoneMatch'],
  ['existing', { ifMatch: 'other', ifNoneMatch: '*' }, 'ifMatch'],
)

function outcomeOf(check: () => void): Outcome {
  try {
    check()
    return 'passes'
  } catch (error) {
    if (isEngineError(error, 'NoSuchKey')) return 'NoSuchKey'
    if (isEngineError(error, 'PreconditionFailed')) return error.details.condition as Outcome
    throw error
  }
}

for (const [state, conditions, expected] of table) {
  test(`${JSON.stringify(conditions)} on a key that is ${state}: ${expected}`, () => {
    assert.equal(
      outcomeOf(() => checkWriteConditions(conditions, states[state], target)),
      expected,
    )
    assert.equal(
      outcomeOf(() => checkDeleteConditions(conditions, states[state], target)),
      expected,
    )
  })
}

const sameSecond = new Date(lastModifiedMs + 99)
const otherSecond = new Date(lastModifiedMs + 100)
const deletes: [state: keyof typeof states, DeleteConditions, Outcome][] = [
  ['existing', { ifLastModified: sameSecond }, 'passes'],
  ['existing', { ifLastModified: new Date(lastModifiedMs - 900) }, 'passes'],
  ['existing', { ifLastModified: otherSecond }, 'ifLastModified'],
  ['existing', { ifLastModified: new Date(lastModifiedMs - 901) }, 'ifLastModified'],
  ['existing', { ifSizeBytes: 5 }, 'passes'],
  ['existing', { ifSizeBytes: 0 }, 'ifSizeBytes'],
  ['existing', { ifMatch: etag, ifLastModified: sameSecond, ifSizeBytes: 5 }, 'passes'],
  ['existing', { ifMatch: 'other', ifLastModified: otherSecond, ifSizeBytes: 6 }, 'ifMatch'],
  ['missing', { ifLastModified: otherSecond, ifSizeBytes: 6 }, 'passes'],
  ['missing', { ifMatch: etag, ifSizeBytes: 6 }, 'NoSuchKey'],
  ['delete marker', { ifLastModified: otherSecond, ifSizeBytes: 6 }, 'passes'],
]

for (const [state, conditions, expected] of deletes)
  test(`deleting with ${JSON.stringify(conditions)} a key that is ${state}: ${expected}`, () =>
    assert.equal(
      outcomeOf(() => checkDeleteConditions(conditions, states[state], target)),
      expected,
    ))

test('a condition that failed tells what is there', () => {
  const failed = (check: () => void) =>
    assert.throws(check, (error) => {
      if (!isEngineError(error, 'PreconditionFailed')) return false
      assert.equal(error.details.etag, etag)
      assert.equal(error.details.lastModified?.getTime(), lastModifiedMs)
      return true
    })
  failed(() => checkWriteConditions({ ifNoneMatch: '*' }, states.existing, target))
  failed(() => checkDeleteConditions({ ifSizeBytes: 1 }, states.existing, target))
})
