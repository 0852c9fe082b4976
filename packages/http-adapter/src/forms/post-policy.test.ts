import assert from 'node:assert/strict'
import test from 'node:test'
import { S3Error } from '../s3-error.js'
import { parsePostPolicy } from './post-policy.js'

const encode = (text: string): string => Buffer.from(text).toString('base64')
const expiration = '2026-11-23T12:00:00.000Z'
const withConditions = (...conditions: string[]): string =>
  encode(`{"expiration": "${expiration}", "conditions": [${conditions.join(',')}]}`)

const conditions: [written: string, read: object][] = [
  ['{"acl": "private"}', { kind: 'eq', field: 'acl', value: 'private', text: '["eq", "$acl", "private"]' }],
  [
    '{"Content-Type": ""}',
    { kind: 'eq', field: 'content-type', value: '', text: '["eq", "$Content-Type", ""]' },
  ],
  ['["eq", "$Key", "a"]', { kind: 'eq', field: 'key', value: 'a', text: '["eq", "$Key", "a"]' }],
  ['["EQ","$key","a"]', { kind: 'eq', field: 'key', value: 'a', text: '["eq", "$key", "a"]' }],
  [
    '["Starts-With","$key",""]',
    { kind: 'starts-with', field: 'key', value: '', text: '["starts-with", "$key", ""]' },
  ],
  [
    '["content-length-range", 1, 10]',
    { kind: 'content-length-range', minimum: 1, maximum: 10, text: '["content-length-range", 1, 10]' },
  ],
  [
    '["Content-Length-Range", "0", "5368709120"]',
    {
      kind: 'content-length-range',
      minimum: 0,
      maximum: 5_368_709_120,
      text: '["Content-Length-Range", "0", "5368709120"]',
    },
  ],
  ['{"x": "\\"a\\": b"}', { kind: 'eq', field: 'x', value: '"a": b', text: '["eq", "$x", "\\"a\\": b"]' }],
  // What cannot be understood never holds.
  ['["eq", "key", "a"]', { kind: 'unknown', text: '["eq", "key", "a"]' }],
  ['["eq", "$key"]', { kind: 'unknown', text: '["eq", "$key"]' }],
  ['["eq", "$key", 1]', { kind: 'unknown', text: '["eq", "$key", 1]' }],
  ['["ends-with", "$key", "a"]', { kind: 'unknown', text: '["ends-with", "$key", "a"]' }],
  ['["content-length-range", -1, 10]', { kind: 'unknown', text: '["content-length-range", -1, 10]' }],
  ['["content-length-range", 1.5, 10]', { kind: 'unknown', text: '["content-length-range", 1.5, 10]' }],
  ['["content-length-range", 1]', { kind: 'unknown', text: '["content-length-range", 1]' }],
  ['["content-length-range", "", 1]', { kind: 'unknown', text: '["content-length-range", "", 1]' }],
  ['[]', { kind: 'unknown', text: '[]' }],
  ['[{"a": [1]}, null, true]', { kind: 'unknown', text: '[{"a":[1]}, null, true]' }],
]
for (const [written, read] of conditions)
  test(`the condition ${written} is read`, () => {
    assert.deepEqual(parsePostPolicy(withConditions(written)).conditions, [read])
  })

test('a policy may be without conditions, in lines, and to the second', () => {
  const policy = parsePostPolicy(
    encode('{ "expiration": "2026-11-23T12:00:00Z",\n "conditions": [ ] }').replace(/.{20}/g, '$&\r\n'),
  )
  assert.deepEqual(policy, { expiration: Date.UTC(2026, 10, 23, 12), conditions: [] })
})

const refused: [what: string, base64: string, message: RegExp][] = [
  ['nothing', '', /Invalid JSON/],
  ['what is no base64', '{}', /Invalid Base64/],
  ['base64 that ends too early', encode('{}{').slice(0, -1), /Invalid Base64/],
  ['what is no UTF-8', Buffer.from([0xff, 0xff, 0xff]).toString('base64'), /Invalid UTF-8/],
  ['what is no JSON', encode("{'expiration': 1}"), /Invalid JSON/],
  ['a list', encode('[]'), /Invalid JSON/],
  ['null', encode('null'), /Invalid JSON/],
  ['no expiration', encode('{"conditions": []}'), /missing expiration/],
  ['no conditions', encode(`{"expiration": "${expiration}"}`), /missing conditions/],
  [
    'names in another case',
    encode(`{"Expiration": "${expiration}", "Conditions": []}`),
    /missing expiration/,
  ],
  [
    'a member twice',
    encode(`{"expiration": "${expiration}", "conditions": [], "expiration": "${expiration}"}`),
    /Invalid JSON/,
  ],
  ['a condition twice', withConditions('{"acl": "private", "acl": "public-read"}'), /Invalid JSON/],
  [
    'a member that is none',
    encode(`{"expiration": "${expiration}", "conditions": [], "a": 1}`),
    /Unexpected: 'a'/,
  ],
  [
    'conditions that are no list',
    encode(`{"expiration": "${expiration}", "conditions": {}}`),
    /must be a List/,
  ],
  ['a condition that is none', withConditions('"acl"'), /each condition/],
  ['a condition that is null', withConditions('null'), /each condition/],
  ['two conditions in one', withConditions('{"a": "1", "b": "2"}'), /exactly one property/],
  ['an empty condition', withConditions('{}'), /exactly one property/],
  ['a condition on a number', withConditions('{"a": 1}'), /must be a string/],
  ...[
    '2026-11-23',
    '2026-02-30T00:00:00Z',
    '2026-11-23T12:00:00+01:00',
    '2026-11-23T12:00:00',
    'Mon, 23 Nov 2026 12:00:00 GMT',
  ].map((date): [string, string, RegExp] => [
    `${date} as its end`,
    encode(`{"expiration": "${date}", "conditions": []}`),
    /Invalid 'expiration' value: '/,
  ]),
  [
    'a number as its end',
    encode('{"expiration": 1795435200, "conditions": []}'),
    /Invalid 'expiration' value: '1795435200'/,
  ],
]
for (const [what, base64, message] of refused)
  test(`${what} is no policy`, () => {
    assert.throws(
      () => parsePostPolicy(base64),
      (error) =>
        error instanceof S3Error && error.code === 'InvalidPolicyDocument' && message.test(error.message),
    )
  })
