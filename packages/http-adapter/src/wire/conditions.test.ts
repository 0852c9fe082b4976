import assert from 'node:assert/strict'
import test from 'node:test'
import { readReadConditions, readWriteConditions } from './conditions.js'

const headers = (record: Record<string, string>) => new Map(Object.entries(record))

test('ETags lose their quotes and their weakness, in lists too', () => {
  assert.deepEqual(readReadConditions(headers({ 'if-match': '"a"', 'if-none-match': 'W/"b", c ,"d"' })), {
    ifMatch: 'a',
    ifNoneMatch: 'b,c,d',
  })
  assert.deepEqual(readReadConditions(headers({ 'if-none-match': '*' })), { ifNoneMatch: '*' })
})

test('dates are read in every form; what is no date is as if it had not been sent', () => {
  const past = 'Sun, 06 Nov 1994 08:49:37 GMT'
  assert.deepEqual(readReadConditions(headers({ 'if-modified-since': past, 'if-unmodified-since': past })), {
    ifModifiedSince: new Date(past),
    ifUnmodifiedSince: new Date(past),
  })
  assert.deepEqual(
    readReadConditions(headers({ 'if-modified-since': 'soon', 'if-unmodified-since': '' })),
    {},
  )
})

test("a copy source's conditions have their own headers", () => {
  assert.deepEqual(
    readReadConditions(
      headers({ 'x-amz-copy-source-if-match': '"a"', 'if-match': '"b"' }),
      'x-amz-copy-source-',
    ),
    { ifMatch: 'a' },
  )
})

test('a write takes one ETag or a star', () => {
  assert.deepEqual(readWriteConditions(headers({ 'if-match': '"a-2"' })), { ifMatch: 'a-2' })
  assert.deepEqual(readWriteConditions(headers({ 'if-match': 'a' })), { ifMatch: 'a' })
  assert.deepEqual(readWriteConditions(headers({ 'if-none-match': '*' })), { ifNoneMatch: '*' })
  assert.deepEqual(readWriteConditions(headers({})), {})
})

test('what S3 does not take on writes is refused, not ignored', () => {
  for (const wrong of [{ 'if-none-match': '"a"' }, { 'if-none-match': '*', 'if-match': '"a"' }])
    assert.throws(() => readWriteConditions(headers(wrong as Record<string, string>)), {
      code: 'NotImplemented',
    })
})
