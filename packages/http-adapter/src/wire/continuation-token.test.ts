import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { readContinuationToken, writeContinuationToken } from './continuation-token.js'

test('a token gives back the place it was made of, and fits in a URL', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (place) => {
      const token = writeContinuationToken(place)
      assert.match(token, /^[A-Za-z0-9_-]+$/)
      assert.equal(readContinuationToken(token), place)
    }),
  )
  const longest = '\ufeff'.repeat(341)
  assert.equal(readContinuationToken(writeContinuationToken(longest)), longest)
})

test('a token that this server did not write is refused', () => {
  const token = writeContinuationToken('some/key')
  for (const wrong of [
    'x',
    'abc',
    `${token}A`,
    token.slice(0, -1),
    token.toUpperCase(),
    '%',
    'A'.repeat(5_000),
  ])
    assert.throws(() => readContinuationToken(wrong), {
      code: 'InvalidArgument',
      message: 'The continuation token provided is incorrect',
    })
})

test('no token throws anything else', () => {
  fc.assert(
    fc.property(fc.base64String(), (token) => {
      try {
        readContinuationToken(token)
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'InvalidArgument')
      }
    }),
  )
})
