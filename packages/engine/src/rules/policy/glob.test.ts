import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { matchSegments, ONE, type Segment } from './glob.js'

const segmentsOf = (pattern: string): Segment[] =>
  pattern.split('*').map((segment) => [...segment].map((sign) => (sign === '?' ? ONE : sign.codePointAt(0)!)))
const codePoints = (text: string): number[] => [...text].map((character) => character.codePointAt(0)!)
const matches = (pattern: string, text: string): boolean =>
  matchSegments(segmentsOf(pattern), codePoints(text))

const cases: [pattern: string, text: string, expected: boolean][] = [
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['**', '', true],
  ['**', 'anything', true],
  ['?', '', false],
  ['?', 'a', true],
  ['?', '😀', true],
  ['??', '😀', false],
  ['a*b', 'ab', true],
  ['a*b', 'a', false],
  ['ab*ba', 'aba', false],
  ['a*a', 'a', false],
  ['*a*', 'bbb', false],
  ['*aab*', 'aaab', true],
  ['*a?b*', 'aacb', true],
  ['*a?b*', 'aabab', true],
  ['*a?b', 'acbacb', true],
  ['*abab*abab*', 'ababab', false],
  ['*abab*abab*', 'abababab', true],
  ['*??*', 'a', false],
  ['a*?', 'a', false],
]

for (const [pattern, text, expected] of cases)
  test(`"${pattern}" ${expected ? 'matches' : 'does not match'} "${text}"`, () => {
    assert.equal(matches(pattern, text), expected)
  })

/** Tries everything. */
function slowly(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  if (pattern[0] === '*')
    return slowly(pattern.slice(1), text) || (text !== '' && slowly(pattern, text.slice(1)))
  return (
    text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && slowly(pattern.slice(1), text.slice(1))
  )
}

test('every pattern matches what trying everything finds', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 10 })
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 })
  fc.assert(
    fc.property(pattern, text, (pattern, text) => {
      assert.equal(matches(pattern, text), slowly(pattern, text))
    }),
    { numRuns: 20_000 },
  )
})

/** Counts how often the text is looked at. */
function looksAt(pattern: string, text: string): number {
  let looks = 0
  const counted = new Proxy(codePoints(text), {
    get(target, name) {
      if (name !== 'length') looks++
      return Reflect.get(target, name)
    },
  })
  matchSegments(segmentsOf(pattern), counted)
  return looks
}

const KIB_64 = 64 * 1024
const adversaries: [what: string, pattern: string, text: string][] = [
  ['many stars', '*a'.repeat(KIB_64 / 2), 'a'.repeat(KIB_64)],
  ['many stars and no end', `${'a*'.repeat(KIB_64 / 2)}b`, 'a'.repeat(KIB_64)],
  ['a long needle that nearly fits everywhere', `*${'a'.repeat(KIB_64 / 2)}b*`, 'a'.repeat(KIB_64)],
  ['a needle of periods', `*${'ab'.repeat(KIB_64 / 4)}b*`, 'ab'.repeat(KIB_64 / 2)],
  ['a needle with gaps', `*${'a?'.repeat(KIB_64 / 4)}b*`, 'a'.repeat(KIB_64)],
  ['nothing but gaps', `*${'?'.repeat(KIB_64)}*`, 'a'.repeat(KIB_64 - 1)],
  ['a pattern longer than the text', `*${'ab?'.repeat(KIB_64 / 3)}*`, 'ab'.repeat(512)],
]

for (const [what, pattern, text] of adversaries)
  test(`a pattern of 64 KiB costs a few looks at each character: ${what}`, () => {
    const looks = looksAt(pattern, text)
    assert.ok(looks <= 4 * KIB_64, `${looks} looks`)
  })
