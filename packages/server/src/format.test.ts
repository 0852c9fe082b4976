import assert from 'node:assert/strict'
import test from 'node:test'
import { counted, formatBytes, formatDuration, printable } from './format.js'

test('bytes are shown with about three digits', () => {
  const shown = [0, 1, 999, 1_000, 1_024, 123_456, 1_048_575, 5 * 2 ** 30, 2 ** 60].map(formatBytes)
  assert.deepEqual(shown, [
    '0 bytes',
    '1 bytes',
    '999 bytes',
    '0.977 KiB',
    '1.00 KiB',
    '121 KiB',
    '1.00 MiB',
    '5.00 GiB',
    '1024 PiB',
  ])
})

test('a number agrees with its noun', () => {
  assert.deepEqual(
    [0, 1, 1_234].map((count) => counted(count, 'part')),
    ['0 parts', '1 part', '1,234 parts'],
  )
})

test('no key can steer the terminal', () => {
  assert.equal(printable('Zoë/猫 1.jpg'), 'Zoë/猫 1.jpg')
  assert.equal(printable('a\u001b[2Jb\nc\u0007'), 'a\\u001b[2Jb\\nc\\u0007')
  assert.equal(printable('\u009b31m\u202egpj.exe\u2028'), '\\u{9b}31m\\u{202e}gpj.exe\\u{2028}')
})

test('a stretch of time has the unit that it is of', () => {
  assert.deepEqual([0, 999, 1_500, 99_000, 600_000, 7_200_000].map(formatDuration), [
    '0 ms',
    '999 ms',
    '1.5 s',
    '99 s',
    '10 min',
    '2 h',
  ])
})
