import assert from 'node:assert/strict'
import test from 'node:test'
import { isEngineError } from '../errors.js'
import { checkKeyName } from './key-name.js'

test('any text of 1 to 1,024 bytes is a key', () => {
  const keys = [
    'a',
    '/',
    '//',
    '../x',
    'a/../b',
    ' ',
    '\u0001',
    '\\',
    '\uffff',
    '😀',
    'a'.repeat(1_024),
    '😀'.repeat(256),
  ]
  for (const key of keys) checkKeyName(key)
})

test('bytes are counted, not characters', () => {
  for (const key of ['a'.repeat(1_025), 'ä'.repeat(513), '😀'.repeat(257)]) {
    assert.throws(
      () => checkKeyName(key),
      (error) =>
        isEngineError(error, 'KeyTooLongError') &&
        error.details.sizeBytes === Buffer.byteLength(key) &&
        error.details.maximumBytes === 1_024,
    )
  }
})

test('nothing, NUL and half a character are InvalidURI', () => {
  for (const key of ['', 'a\0b', '\0', '\ud83d', 'a\ude00', '\ude00\ud83d']) {
    assert.throws(
      () => checkKeyName(key),
      (error) => isEngineError(error, 'InvalidURI') && error.details.key === key,
    )
  }
})

test('what is no text is a TypeError', () => {
  for (const key of [undefined, null, 5, {}]) assert.throws(() => checkKeyName(key as string), TypeError)
})
