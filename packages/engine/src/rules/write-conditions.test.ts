import assert from 'node:assert/strict'
import test from 'node:test'
import type { WriteConditions } from '../contract/object.js'
import { isEngineError } from '../errors.js'
import { type CurrentFacts, checkDeleteConditions, checkWriteConditions } from './write-conditions.js'

const etag = 'd41d8cd98f00b204e9800998ecf8427e'
const states: Record<'missing' | 'delete marker' | 'existing', CurrentFacts | undefined> = {
  missing: undefined,
  'delete marker': { etag: '', isDeleteMarker: true },
  existing: { etag, isDeleteMarker: false },
}
const target = { bucket: 'photos', key: 'cat.jpg' }

type Outcome = 'passes' | 'NoSuchKey' | 'ifMatch' | 'ifNoneMatch'
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
