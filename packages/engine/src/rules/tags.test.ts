import assert from 'node:assert/strict'
import test from 'node:test'
import { isEngineError } from '../errors.js'
import { checkTags } from './tags.js'

const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`key ${at}`, 'v']))

const allowed: [what: string, tags: Record<string, string>, of?: 'bucket'][] = [
  ['none', {}],
  ['ten of an object', many(10)],
  ['fifty of a bucket', many(50), 'bucket'],
  ['the longest name and value', { ['k'.repeat(128)]: 'v'.repeat(256) }],
  ['an empty value', { a: '' }],
  ['letters and digits of any script', { Größe: '大きい٣' }],
  ['every sign that S3 names', { '+ - = . _ : / @': '+ - = . _ : / @' }],
  ['a name like any other', { ['__proto__']: 'x' }],
  ['aws without a colon', { aws: 'aws:' }],
]

for (const [what, tags, of = 'object'] of allowed)
  test(`tags may be ${what}`, () => {
    checkTags(tags, of)
  })

const refused: [what: string, tags: Record<string, string>, of: 'object' | 'bucket', code: string][] = [
  ['eleven of an object', many(11), 'object', 'InvalidTag'],
  ['fifty-one of a bucket', many(51), 'bucket', 'BadRequest'],
  ['an empty name', { '': 'v' }, 'object', 'InvalidTag'],
  ['a name that is too long', { ['k'.repeat(129)]: '' }, 'object', 'InvalidTag'],
  ['a value that is too long', { k: 'v'.repeat(257) }, 'bucket', 'InvalidTag'],
  ['half of a character', { '\ud800': '' }, 'object', 'InvalidTag'],
  ['a sign that S3 does not name in a name', { 'a!': '' }, 'object', 'InvalidTag'],
  ['a sign that S3 does not name in a value', { a: '<' }, 'object', 'InvalidTag'],
  ['a line break', { a: 'b\nc' }, 'object', 'InvalidTag'],
  ["a name of the system's", { 'aws:cost': 'x' }, 'bucket', 'InvalidTag'],
]

for (const [what, tags, of, code] of refused)
  test(`tags may not be ${what}`, () => {
    assert.throws(
      () => checkTags(tags, of),
      (error) => isEngineError(error) && error.code === code,
    )
  })
