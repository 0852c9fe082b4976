import assert from 'node:assert/strict'
import test from 'node:test'
import type { ApplicablePolicies, NamedPolicy, PolicyPrincipal } from '../../contract/policy.js'
import { decide } from './decide.js'
import { parsePolicy } from './parse-policy.js'

const alice: PolicyPrincipal = {
  type: 'user',
  userId: 'AIDAALICE',
  userName: 'alice',
  accessKeyId: 'AKALICE',
  groups: ['staff'],
  principalType: 'User',
}
const root: PolicyPrincipal = { type: 'root', userId: 'ROOT', userName: 'root', accessKeyId: 'AKROOT' }
const anonymous: PolicyPrincipal = { type: 'anonymous' }

const statement = (Effect: string, Action: string, Resource = 'arn:aws:s3:::photos/*') => ({
  Effect,
  Action,
  Resource,
})
const identity = (name: string, ...Statement: object[]): NamedPolicy => ({
  name,
  policy: parsePolicy({ Version: '2012-10-17', Statement }, 'identity'),
})
const bucket = (...Statement: object[]) =>
  parsePolicy({ Version: '2012-10-17', Statement }, 'bucket', { bucket: 'photos' })
const forAll = (Effect: string, Action: string, Resource?: string) => ({
  ...statement(Effect, Action, Resource),
  Principal: '*',
})

const reading = identity('reading', statement('Allow', 's3:GetObject'))
const writing = identity('writing', statement('Allow', 's3:PutObject'))
const everything = identity('everything', statement('Allow', 's3:*', '*'))
const noReading = identity('no reading', statement('Deny', 's3:Get*'))

const cases: [
  what: string,
  who: PolicyPrincipal,
  policies: Partial<ApplicablePolicies>,
  action: string,
  expected: string,
][] = [
  ['nothing is allowed by itself', alice, {}, 's3:GetObject', 'implicit-deny'],
  ['an identity policy allows', alice, { identity: [reading] }, 's3:GetObject', 'allow by reading[0]'],
  ['and no more than it says', alice, { identity: [reading] }, 's3:PutObject', 'implicit-deny'],
  ['case does not matter in actions', alice, { identity: [reading] }, 'S3:getobject', 'allow by reading[0]'],
  [
    'a bucket policy allows a user',
    alice,
    { bucket: bucket(forAll('Allow', 's3:GetObject')) },
    's3:GetObject',
    'allow by bucket policy[0]',
  ],
  [
    'a bucket policy allows those without credentials',
    anonymous,
    { bucket: bucket(forAll('Allow', 's3:GetObject')) },
    's3:GetObject',
    'allow by bucket policy[0]',
  ],
  [
    'who is anonymous has no identity policies',
    anonymous,
    { identity: [everything] },
    's3:GetObject',
    'implicit-deny',
  ],
  [
    'a deny of an identity policy wins',
    alice,
    { identity: [everything, noReading] },
    's3:GetObject',
    'explicit-deny by no reading[0]',
  ],
  [
    'a deny of an identity policy wins over the bucket',
    alice,
    { identity: [noReading], bucket: bucket(forAll('Allow', 's3:GetObject')) },
    's3:GetObject',
    'explicit-deny by no reading[0]',
  ],
  [
    'a deny of the bucket policy wins',
    alice,
    { identity: [everything], bucket: bucket(forAll('Deny', 's3:GetObject')) },
    's3:GetObject',
    'explicit-deny by bucket policy[0]',
  ],
  [
    'a deny of a boundary wins',
    alice,
    { identity: [everything], boundaries: [[everything, noReading]] },
    's3:GetObject',
    'explicit-deny by no reading[0]',
  ],
  [
    'a boundary must allow too',
    alice,
    { identity: [everything], boundaries: [[reading]] },
    's3:PutObject',
    'implicit-deny within reading',
  ],
  ['a boundary alone allows nothing', alice, { boundaries: [[everything]] }, 's3:GetObject', 'implicit-deny'],
  [
    'each boundary must allow',
    alice,
    { identity: [everything], boundaries: [[reading], [writing]] },
    's3:GetObject',
    'implicit-deny within writing',
  ],
  [
    'one policy of a boundary is enough',
    alice,
    { identity: [everything], boundaries: [[reading, writing]] },
    's3:GetObject',
    'allow by everything[0]',
  ],
  [
    'a boundary without policies allows nothing',
    alice,
    { identity: [everything], boundaries: [[]] },
    's3:GetObject',
    'implicit-deny within ',
  ],
  [
    'a boundary holds what the bucket allows',
    alice,
    { bucket: bucket(forAll('Allow', 's3:*')), boundaries: [[reading]] },
    's3:PutObject',
    'implicit-deny within reading',
  ],
  ['root needs no policy', root, {}, 's3:GetObject', 'root'],
  ['root is not held by identity policies', root, { identity: [noReading] }, 's3:GetObject', 'root'],
  [
    'root is held by a boundary',
    root,
    { boundaries: [[reading]] },
    's3:PutObject',
    'implicit-deny within reading',
  ],
  ['root is allowed what a boundary allows', root, { boundaries: [[reading]] }, 's3:GetObject', 'root'],
  [
    'root is held by what the bucket denies',
    root,
    { bucket: bucket(forAll('Deny', 's3:*')) },
    's3:GetObject',
    'explicit-deny by bucket policy[0]',
  ],
]

for (const [what, principal, policies, action, expected] of cases)
  test(`${what}`, () => {
    const { reason, by, boundary, allowed } = decide(
      { identity: [], boundaries: [], ...policies },
      { principal, action, resource: 'arn:aws:s3:::photos/cat.jpg', context: new Map() },
    )
    const decided = by === undefined ? reason : `${reason} by ${by.policy}[${by.statement}]`
    assert.equal(boundary === undefined ? decided : `${decided} within ${boundary.join()}`, expected)
    assert.equal(allowed, reason === 'root' || reason === 'allow')
  })

for (const action of ['s3:GetBucketPolicy', 's3:PutBucketPolicy', 's3:DeleteBucketPolicy'])
  test(`no bucket policy locks root out of ${action}, unless root's key is narrowed`, () => {
    const locked = bucket(forAll('Deny', 's3:*', 'arn:aws:s3:::photos'))
    const ask = (boundaries: NamedPolicy[][]) =>
      decide(
        { identity: [], boundaries, bucket: locked },
        { principal: root, action, resource: 'arn:aws:s3:::photos', context: new Map() },
      ).reason
    assert.equal(ask([]), 'root')
    assert.equal(ask([[everything]]), 'explicit-deny')
  })

test('a variable with several values stands for none of them', () => {
  const policies = (resource: string) => ({
    identity: [identity('grouped', statement('Allow', 's3:GetObject', resource))],
    boundaries: [],
  })
  const resource = 'arn:aws:s3:::photos/staff/a'
  const ask = (groups: string[]) =>
    decide(policies(`arn:aws:s3:::photos/\${aws:groups}/*`), {
      principal: { ...alice, groups } as PolicyPrincipal,
      action: 's3:GetObject',
      resource,
      context: new Map(),
    }).allowed
  assert.deepEqual([ask(['staff']), ask(['staff', 'night']), ask([])], [true, false, false])
})
