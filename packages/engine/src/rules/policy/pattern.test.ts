// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policies have such variables.
import assert from 'node:assert/strict'
import test from 'node:test'
import { isEngineError } from '../../errors.js'
import { matchPattern, parsePattern, textOf, variablesOf } from './pattern.js'

const known: Readonly<Record<string, string>> = {
  'aws:username': 'alice',
  'aws:useragent': '*',
  's3:prefix': '',
  's3:existingobjecttag/Team': 'blue',
}
const resolve = (key: string): string | undefined => known[key]
const parse = (source: string, options: { wildcards?: boolean; variables?: boolean } = {}) =>
  parsePattern(source, { wildcards: true, variables: true, ...options }, 'here')

const cases: [source: string, text: string, expected: boolean][] = [
  ['home/${aws:username}/*', 'home/alice/a', true],
  ['home/${aws:username}/*', 'home/bob/a', false],
  ['home/${AWS:UserName}/*', 'home/alice/a', true],
  ['${s3:ExistingObjectTag/Team}', 'blue', true],
  ['${s3:ExistingObjectTag/team}', 'blue', false],
  ['a${s3:prefix}b', 'ab', true],
  ['${aws:userid}', '', false],
  ['${aws:userid}', '${aws:userid}', false],
  ["${aws:userid, 'nobody'}", 'nobody', true],
  ["${aws:userid,''}", '', true],
  ["${aws:username, 'nobody'}", 'alice', true],
  ["${aws:userid, '*'}", 'anything', false],
  ['${aws:useragent}', 'anything', false],
  ['${aws:useragent}', '*', true],
  ['${*}', '*', true],
  ['${*}', 'anything', false],
  ['a${?}', 'a?', true],
  ['a${?}', 'ab', false],
  ['${$}{aws:username}', '${aws:username}', true],
  ['$', '$', true],
  ['a$b{', 'a$b{', true],
  ['é?', 'é😀', true],
  ['*', '', true],
  ['a*', 'a', true],
  ['*a', 'ba', true],
  ['', '', true],
  ['', 'a', false],
]

for (const [source, text, expected] of cases)
  test(`"${source}" ${expected ? 'matches' : 'does not match'} "${text}"`, () => {
    assert.equal(matchPattern(parse(source), text, resolve), expected)
  })

test('without variables `${…}` stands for itself, and without wildcards so does `*`', () => {
  assert.ok(matchPattern(parse('${aws:username}', { variables: false }), '${aws:username}', resolve))
  assert.ok(!matchPattern(parse('a*', { wildcards: false }), 'ab', resolve))
  assert.equal(textOf(parse('a*${aws:username}', { wildcards: false }), resolve), 'a*alice')
  assert.equal(textOf(parse('a${aws:userid}', { wildcards: false }), resolve), undefined)
})

test('a pattern tells the keys of its variables', () => {
  assert.deepEqual(variablesOf(parse('${aws:UserName}*${$}${s3:prefix}')), ['aws:username', 's3:prefix'])
})

for (const source of [
  '${aws:username',
  '${}',
  '${nobody}',
  '${aws:username,nobody}',
  "${aws:username 'x'}",
  '${ * }',
])
  test(`"${source}" is no pattern`, () => {
    assert.throws(
      () => parse(source),
      (error) => isEngineError(error, 'MalformedPolicy') && error.details.where === 'here',
    )
  })
