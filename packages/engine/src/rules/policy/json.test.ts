import assert from 'node:assert/strict'
import test from 'node:test'
import { isEngineError } from '../../errors.js'
import { type Json, parseJson } from './json.js'

/** As `JSON.parse` gives it. */
const plain = (value: Json): unknown => {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, each]) => [name, plain(each)]))
  return Array.isArray(value) ? value.map(plain) : value
}

const accepted = [
  'null',
  'true',
  ' false ',
  '0',
  '-1.5e+3',
  '""',
  '"\\u0041\\n\\"\\\\/"',
  '"\u2028"',
  '[]',
  '[1,[2,{"a":{}}]]',
  '{"a":1,"b":[true,null],"":{"a":2}}',
  '{"__proto__":1,"constructor":2,"toString":3}',
  '\t\r\n{ "a" : 1 , "b" : 2 }\n',
]
for (const text of accepted)
  test(`${JSON.stringify(text)} is read as it is everywhere`, () => {
    assert.deepEqual(plain(parseJson(text)), JSON.parse(text))
  })

const refused = [
  '',
  '{',
  '[1,]',
  '{"a":1,}',
  '{"a"}',
  '{a:1}',
  "{'a':1}",
  '{"a":1 "b":2}',
  '"a',
  '"\\x"',
  '"\n"',
  '"\\',
  '01',
  '.5',
  '1.',
  '+1',
  '1e999',
  'NaN',
  'True',
  'nul',
  'null null',
  '[1}',
  '\ufeff{}',
  '\u00a0{}',
  '{} //',
  '{"a":1,"a":1}',
  '{"a":{"b":1,"\\u0062":2}}',
  '[[[[[[[[[]]]]]]]]]',
  '{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{}}}}}}}}}',
]
for (const text of refused)
  test(`${JSON.stringify(text)} is refused`, () => {
    assert.throws(
      () => parseJson(text),
      (error) => isEngineError(error, 'MalformedPolicy'),
    )
  })

test('names that objects have by themselves are names like any other', () => {
  const document = parseJson('{"__proto__":{"isRoot":true}}')
  assert.ok(document instanceof Map)
  assert.deepEqual([...document.keys()], ['__proto__'])
  assert.equal(({} as { isRoot?: boolean }).isRoot, undefined)
})
