import assert from 'node:assert/strict'
import test from 'node:test'
import { S3Error } from '../s3-error.js'
import { checkForm, sizeRangeOf } from './check-form.js'
import { parsePostPolicy } from './post-policy.js'

const now = Date.UTC(2026, 10, 23, 12)
const policyOf = (conditions: readonly unknown[], expiration = '2026-11-23T12:00:01Z') =>
  parsePostPolicy(Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64'))

/** Every form names its bucket by its URL. */
const inBucket = { bucket: 'photos' }

const check = (conditions: readonly unknown[], fields: Record<string, string>, bucket = 'photos'): void =>
  checkForm(policyOf(conditions), { fields: new Map(Object.entries(fields)), bucket }, now)

const allowed: [what: string, conditions: unknown[], fields: Record<string, string>][] = [
  ['that has what its policy says', [inBucket, { key: 'a' }], { key: 'a' }],
  ['whose bucket is a field too', [inBucket, { key: 'a' }], { key: 'a', bucket: 'photos' }],
  [
    'whose bucket field lies, which counts for nothing',
    [inBucket, { key: 'a' }],
    { key: 'a', bucket: 'other' },
  ],
  ['whose key begins as it must', [inBucket, ['starts-with', '$key', 'user/']], { key: 'user/a' }],
  ['whose key may be anything', [inBucket, ['starts-with', '$key', '']], { key: '' }],
  [
    'with names in another case',
    [inBucket, { KEY: 'a' }, ['eq', '$Content-Type', 'x']],
    { key: 'a', 'content-type': 'x' },
  ],
  [
    'with what signs and what is ignored',
    [inBucket],
    { policy: 'p', 'x-amz-signature': 's', signature: 's', awsaccesskeyid: 'k', 'x-ignore-submit': 'x' },
  ],
  [
    'with a list of types that all fit',
    [inBucket, ['starts-with', '$Content-Type', 'image/']],
    { 'content-type': 'image/png, image/jpeg,image/gif' },
  ],
  [
    'with an empty field that must be empty',
    [inBucket, { success_action_redirect: '' }],
    { success_action_redirect: '' },
  ],
  [
    'of which the same is said twice',
    [inBucket, ['starts-with', '$key', 'a'], ['starts-with', '$key', 'ab']],
    { key: 'abc' },
  ],
]
for (const [what, conditions, fields] of allowed)
  test(`a form ${what} is allowed`, () => check(conditions, fields))

const refused: [what: string, conditions: unknown[], fields: Record<string, string>, message: string][] = [
  [
    'with another key',
    [inBucket, { key: 'a' }],
    { key: 'b' },
    'Policy Condition failed: ["eq", "$key", "a"]',
  ],
  [
    'with a key in another case',
    [inBucket, { key: 'a' }],
    { key: 'A' },
    'Policy Condition failed: ["eq", "$key", "a"]',
  ],
  [
    'whose key begins elsewhere',
    [inBucket, ['starts-with', '$key', 'user/']],
    { key: '/user/a' },
    'Policy Condition failed: ["starts-with", "$key", "user/"]',
  ],
  [
    'without a field that must be there',
    [inBucket, { key: 'a' }, ['starts-with', '$Content-Type', '']],
    { key: 'a' },
    'Policy Condition failed: ["starts-with", "$Content-Type", ""]',
  ],
  [
    'without a field that must be empty',
    [inBucket, { acl: '' }],
    {},
    'Policy Condition failed: ["eq", "$acl", ""]',
  ],
  [
    'for another bucket',
    [{ bucket: 'others' }, { key: 'a' }],
    { key: 'a', bucket: 'others' },
    'Policy Condition failed: ["eq", "$bucket", "others"]',
  ],
  ['whose policy names no bucket', [{ key: 'a' }], { key: 'a' }, 'Extra input fields: bucket'],
  [
    'with a field nobody allowed',
    [inBucket, { key: 'a' }],
    { key: 'a', acl: 'public-read', success_action_status: '201' },
    'Extra input fields: acl, success_action_status',
  ],
  [
    'with metadata nobody allowed',
    [inBucket, { 'x-amz-meta-a': '1' }],
    { 'x-amz-meta-a': '1', 'x-amz-meta-b': '2' },
    'Extra input fields: x-amz-meta-b',
  ],
  [
    'with one type of a list that does not fit',
    [inBucket, ['starts-with', '$Content-Type', 'image/']],
    { 'content-type': 'image/png,text/html' },
    'Policy Condition failed: ["starts-with", "$Content-Type", "image/"]',
  ],
  [
    'with a list of keys, which is one',
    [inBucket, ['starts-with', '$key', 'a']],
    { key: 'b,a' },
    'Policy Condition failed: ["starts-with", "$key", "a"]',
  ],
  [
    'under a condition that says nothing',
    [inBucket, ['ends-with', '$key', 'a']],
    { key: 'a' },
    'Policy Condition failed: ["ends-with", "$key", "a"]',
  ],
  [
    'under a condition on its length',
    [inBucket, ['starts-with', '$Content-Length', '']],
    {},
    'Policy Condition failed: ["starts-with", "$Content-Length", ""]',
  ],
]
for (const [what, conditions, fields, message] of refused)
  test(`a form ${what} is refused`, () => {
    assert.throws(
      () => check(conditions, fields),
      (error) =>
        error instanceof S3Error &&
        error.code === 'AccessDenied' &&
        error.message === `Invalid according to Policy: ${message}`,
    )
  })

test('a form is good up to the moment its policy ends', () => {
  const form = { fields: new Map<string, string>(), bucket: 'photos' }
  checkForm(policyOf([inBucket]), form, now + 999)
  assert.throws(() => checkForm(policyOf([inBucket]), form, now + 1_000), {
    message: 'Invalid according to Policy: Policy expired.',
  })
})

test('of several ranges all hold, and without one any size will do', () => {
  assert.deepEqual(sizeRangeOf(policyOf([])), { minimum: 0, maximum: Number.POSITIVE_INFINITY })
  const two = policyOf([
    ['content-length-range', 1, 10],
    ['content-length-range', 0, 5],
  ])
  assert.deepEqual(sizeRangeOf(two), { minimum: 1, maximum: 5 })
})
