import assert from 'node:assert/strict'
import test from 'node:test'
import { formatIsoBasic, parseIsoBasic } from './request-time.js'

const MOMENT = Date.UTC(2026, 10, 3, 4, 5, 6)

test('the moment signed is read and written in the basic ISO form', () => {
  assert.equal(parseIsoBasic('20261103T040506Z'), MOMENT)
  assert.equal(formatIsoBasic(MOMENT + 999), '20261103T040506Z')
})

test('what names no real moment is no time', () => {
  for (const text of [
    '',
    '20261131T040506Z',
    '20260230T000000Z',
    '20261103T240000Z',
    '20261103T040560Z',
    '20261103T040506',
    '20261103T040506z',
    ' 20261103T040506Z',
    '2026-11-03T04:05:06Z',
    '00000101T000000Z',
    'Tue, 03 Nov 2026 04:05:06 GMT',
    '20261103T040506Z,20261103T040506Z',
  ])
    assert.equal(parseIsoBasic(text), undefined, text)
})
