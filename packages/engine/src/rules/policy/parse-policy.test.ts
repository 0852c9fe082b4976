// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policies have such variables.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { PolicyKind } from '../../contract/policy.js'
import { isEngineError } from '../../errors.js'
import { formatPolicy } from './format-policy.js'
import { parsePolicy } from './parse-policy.js'

type Json = Record<string, unknown>

const ofUser = (statement: Json = {}): Json => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::photos/*', ...statement }],
})
const ofBucket = (statement: Json = {}): Json => ofUser({ Principal: '*', ...statement })
const when = (operator: string, key: string, value: unknown, action = 's3:GetObject'): Json =>
  ofUser({ Action: action, Condition: { [operator]: { [key]: value } } })
const onBucket = { Resource: 'arn:aws:s3:::photos' }

const accepted: [what: string, kind: PolicyKind, policy: unknown][] = [
  ['a user', 'identity', ofUser()],
  ['a session', 'session', ofUser()],
  ['a bucket', 'bucket', ofBucket()],
  ['one statement outside of a list', 'identity', { Statement: ofUser()['Statement'] }],
  ['the older version', 'identity', { ...ofUser(), Version: '2008-10-17' }],
  ['an id, spelt in either way', 'identity', { ...ofUser(), ID: 'mine' }],
  ['a list of actions', 'identity', ofUser({ Action: ['s3:*', 's3:Get*', 's3:PutObjec?', '*'] })],
  ['actions in any case', 'identity', ofUser({ Action: 'S3:getOBJECT' })],
  ['any resource', 'identity', ofUser({ Resource: '*' })],
  ['variables', 'identity', ofUser({ Resource: 'arn:aws:s3:::${aws:username}/*' })],
  [
    'administration, which has no resource',
    'identity',
    { Statement: { Effect: 'Allow', Action: ['admin:*', 'sts:AssumeRole'] } },
  ],
  ['NotAction', 'identity', ofUser({ Action: undefined, NotAction: 's3:Delete*' })],
  ['NotResource', 'identity', ofUser({ Resource: undefined, NotResource: 'arn:aws:s3:::secret/*' })],
  [
    'NotPrincipal',
    'bucket',
    ofBucket({ Effect: 'Deny', Principal: undefined, NotPrincipal: { AWS: 'alice' } }),
  ],
  ['everybody in words of its own', 'bucket', ofBucket({ Principal: { AWS: '*' } })],
  [
    'users by ARN and name, and by id',
    'bucket',
    ofBucket({
      Principal: {
        AWS: ['arn:aws:iam:::user/a', 'b', 'arn:aws:iam::000000000000:root'],
        CanonicalUser: 'c0ffee',
      },
    }),
  ],
  ['a condition', 'identity', when('StringEquals', 's3:prefix', ['a', 'b'], 's3:ListBucket')],
  ['a condition that some of the actions have', 'identity', when('StringEquals', 's3:prefix', 'a', 's3:*')],
  ['a condition on a tag', 'identity', when('StringEquals', 's3:ExistingObjectTag/Team', 'blue')],
  ['a condition on a claim', 'identity', when('StringEquals', 'jwt:department', 'a')],
  ['values that are no text', 'identity', when('Bool', 'aws:SecureTransport', false)],
  ['a bucket by wildcards', 'bucket', ofBucket({ Resource: 'arn:aws:s3:::ph?tos*' })],
  ['a bucket as any resource', 'bucket', ofBucket({ Resource: '*' })],
  [
    'a bucket and what is in it',
    'bucket',
    ofBucket({
      Action: ['s3:ListBucket', 's3:GetObject'],
      Resource: ['arn:aws:s3:::photos', 'arn:aws:s3:::photos/*'],
    }),
  ],
  ['all actions of a bucket', 'bucket', ofBucket({ Action: 's3:*', ...onBucket })],
]

for (const [what, kind, policy] of accepted)
  test(`a policy may have ${what}, and is the same when it is written and read again`, () => {
    const parsed = parsePolicy(JSON.stringify(policy), kind, { bucket: 'photos' })
    assert.deepEqual(parsePolicy(policy, kind, { bucket: 'photos' }), parsed)
    assert.deepEqual(parsePolicy(formatPolicy(parsed), kind, { bucket: 'photos' }), parsed)
  })

const refused: [
  what: string,
  kind: PolicyKind,
  policy: unknown,
  where: string | undefined,
  message: RegExp,
][] = [
  ['text that is no JSON', 'identity', '{', undefined, /valid JSON/],
  ['no text', 'identity', '', undefined, /valid JSON/],
  ['nothing', 'identity', undefined, undefined, /valid JSON/],
  ['a list', 'identity', [ofUser()], '', /JSON objects/],
  ['a field nobody knows', 'identity', { ...ofUser(), Statements: [] }, '', /Unknown field "Statements"/],
  [
    'a field nobody knows in a statement',
    'identity',
    ofUser({ action: 's3:*' }),
    'Statement[0]',
    /Unknown field "action"/,
  ],
  ['a version there never was', 'identity', { ...ofUser(), Version: '2012-10-18' }, 'Version', /version/],
  ['an id that is no text', 'identity', { ...ofUser(), Id: 5 }, 'Id', /id/],
  ['no statement', 'identity', { Version: '2012-10-17' }, '', /Missing required field Statement/],
  ['an empty list of statements', 'identity', { Statement: [] }, 'Statement', /Statement is empty/],
  ['a statement that is no object', 'identity', { Statement: ['Allow'] }, 'Statement[0]', /JSON object/],
  ['a Sid that is no text', 'identity', ofUser({ Sid: 1 }), 'Statement[0].Sid', /Sid/],
  ['no effect', 'identity', ofUser({ Effect: undefined }), 'Statement[0]', /Missing required field Effect/],
  [
    'an effect in lower case',
    'identity',
    ofUser({ Effect: 'allow' }),
    'Statement[0].Effect',
    /Invalid effect "allow"/,
  ],
  ['no action', 'identity', ofUser({ Action: undefined }), 'Statement[0]', /Missing required field Action/],
  [
    'both Action and NotAction',
    'identity',
    ofUser({ NotAction: 's3:GetObject' }),
    'Statement[0]',
    /both Action and NotAction/,
  ],
  ['no actions in a list', 'identity', ofUser({ Action: [] }), 'Statement[0].Action', /empty list/],
  ['an action that is no text', 'identity', ofUser({ Action: [['s3:*']] }), 'Statement[0].Action[0]', /text/],
  [
    'an action nobody knows',
    'identity',
    ofUser({ Action: ['s3:GetObject', 's3:Fetch'] }),
    'Statement[0].Action[1]',
    /invalid action "s3:Fetch"/,
  ],
  [
    'an action of another service',
    'identity',
    ofUser({ Action: 'ec2:*' }),
    'Statement[0].Action',
    /invalid action/,
  ],
  [
    'no resource',
    'identity',
    ofUser({ Resource: undefined }),
    'Statement[0]',
    /Missing required field Resource/,
  ],
  [
    'a resource of another service',
    'identity',
    ofUser({ Resource: 'arn:aws:sqs:::q' }),
    'Statement[0].Resource',
    /invalid resource/,
  ],
  [
    'a resource without a bucket',
    'identity',
    ofUser({ Resource: 'arn:aws:s3:::' }),
    'Statement[0].Resource',
    /invalid resource/,
  ],
  [
    'a resource by name alone',
    'identity',
    ofUser({ Resource: 'photos/*' }),
    'Statement[0].Resource',
    /invalid resource/,
  ],
  [
    'a variable nobody knows',
    'identity',
    ofUser({ Resource: 'arn:aws:s3:::${user}' }),
    'Statement[0].Resource',
    /unknown variable \$\{user\}/,
  ],
  [
    'a principal where there is none',
    'identity',
    ofBucket(),
    'Statement[0]',
    /Only bucket policies name principals/,
  ],
  ['a principal in a session', 'session', ofBucket(), 'Statement[0]', /Only bucket policies name principals/],
  [
    'an operator nobody knows',
    'identity',
    when('StringMatches', 'aws:Referer', 'a'),
    'Statement[0].Condition',
    /Invalid condition operator "StringMatches"/,
  ],
  [
    'an operator in lower case',
    'identity',
    when('stringequals', 'aws:Referer', 'a'),
    'Statement[0].Condition',
    /Invalid condition operator/,
  ],
  [
    'a qualifier nobody knows',
    'identity',
    when('ForSomeValues:StringEquals', 'aws:Referer', 'a'),
    'Statement[0].Condition',
    /Invalid condition operator/,
  ],
  [
    'NullIfExists',
    'identity',
    when('NullIfExists', 'aws:Referer', 'true'),
    'Statement[0].Condition',
    /Invalid condition operator/,
  ],
  [
    'a key nobody knows',
    'identity',
    when('StringEquals', 'aws:Refferer', 'a'),
    'Statement[0].Condition.StringEquals.aws:Refferer',
    /invalid condition key/,
  ],
  [
    'a key that names no tag',
    'identity',
    when('StringEquals', 's3:ExistingObjectTag/', 'a'),
    'Statement[0].Condition.StringEquals.s3:ExistingObjectTag/',
    /invalid condition key/,
  ],
  [
    'a key of another action',
    'identity',
    when('StringEquals', 's3:prefix', 'a'),
    'Statement[0].Condition.StringEquals.s3:prefix',
    /do not apply/,
  ],
  [
    'a key that one of two actions has not',
    'identity',
    ofUser({ Action: ['s3:GetObject', 's3:ListBucket'], Condition: { StringEquals: { 's3:prefix': 'a' } } }),
    'Statement[0].Condition.StringEquals.s3:prefix',
    /do not apply/,
  ],
  [
    'a condition that is no object',
    'identity',
    ofUser({ Condition: [] }),
    'Statement[0].Condition',
    /JSON object/,
  ],
  [
    'an operator without keys',
    'identity',
    ofUser({ Condition: { StringEquals: 'a' } }),
    'Statement[0].Condition.StringEquals',
    /JSON object/,
  ],
  [
    'a condition without a value',
    'identity',
    when('StringEquals', 'aws:Referer', []),
    'Statement[0].Condition.StringEquals.aws:Referer',
    /no value/,
  ],
  [
    'a condition that asks for nothing',
    'identity',
    when('StringEquals', 'aws:Referer', null),
    'Statement[0].Condition.StringEquals.aws:Referer',
    /text/,
  ],
  [
    'a number that is none',
    'identity',
    when('NumericEquals', 'aws:Referer', '1e'),
    'Statement[0].Condition.NumericEquals.aws:Referer',
    /no number/,
  ],
  [
    'a date that is none',
    'identity',
    when('DateEquals', 'aws:CurrentTime', 'May'),
    'Statement[0].Condition.DateEquals.aws:CurrentTime',
    /no date/,
  ],
  [
    'an address that is none',
    'identity',
    when('IpAddress', 'aws:SourceIp', '300.0.0.0'),
    'Statement[0].Condition.IpAddress.aws:SourceIp',
    /no address range/,
  ],
  [
    'neither true nor false',
    'identity',
    when('Bool', 'aws:SecureTransport', 'yes'),
    'Statement[0].Condition.Bool.aws:SecureTransport',
    /no boolean/,
  ],
  [
    'base64 that is none',
    'identity',
    when('BinaryEquals', 'aws:Referer', 'YQ'),
    'Statement[0].Condition.BinaryEquals.aws:Referer',
    /no base64/,
  ],
  [
    'half an ARN',
    'identity',
    when('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam'),
    'Statement[0].Condition.ArnLike.aws:PrincipalArn',
    /no ARN/,
  ],
  ['no principal', 'bucket', ofUser(), 'Statement[0]', /Missing required field Principal/],
  ['both Principal and NotPrincipal', 'bucket', ofBucket({ NotPrincipal: '*' }), 'Statement[0]', /both/],
  [
    'NotPrincipal with Allow',
    'bucket',
    ofBucket({ Principal: undefined, NotPrincipal: { AWS: 'alice' } }),
    'Statement[0]',
    /does not go with Allow/,
  ],
  [
    'a principal by name alone',
    'bucket',
    ofBucket({ Principal: 'alice' }),
    'Statement[0].Principal',
    /Invalid principal/,
  ],
  [
    'principals of no kind',
    'bucket',
    ofBucket({ Principal: {} }),
    'Statement[0].Principal',
    /Invalid principal/,
  ],
  [
    'a service as principal',
    'bucket',
    ofBucket({ Principal: { Service: 's3.amazonaws.com' } }),
    'Statement[0].Principal',
    /Unknown field "Service"/,
  ],
  [
    'wildcards in a principal',
    'bucket',
    ofBucket({ Principal: { AWS: 'arn:aws:iam:::user/a*' } }),
    'Statement[0].Principal.AWS',
    /Invalid principal/,
  ],
  [
    'wildcards in a name',
    'bucket',
    ofBucket({ Principal: { AWS: ['alice', 'b?'] } }),
    'Statement[0].Principal.AWS[1]',
    /Invalid principal/,
  ],
  [
    'a principal of another account',
    'bucket',
    ofBucket({ Principal: { AWS: 'arn:aws:iam::123456789012:user/a' } }),
    'Statement[0].Principal.AWS',
    /Invalid principal/,
  ],
  [
    'a role as principal',
    'bucket',
    ofBucket({ Principal: { AWS: 'arn:aws:iam:::role/a' } }),
    'Statement[0].Principal.AWS',
    /Invalid principal/,
  ],
  [
    'another bucket',
    'bucket',
    ofBucket({ Resource: 'arn:aws:s3:::photos2/*' }),
    'Statement[0]',
    /invalid resource/,
  ],
  [
    'another bucket among others',
    'bucket',
    ofBucket({ Resource: ['arn:aws:s3:::photos/*', 'arn:aws:s3:::other/*'] }),
    'Statement[0]',
    /invalid resource "arn:aws:s3:::other/,
  ],
  ['an object action on a bucket', 'bucket', ofBucket(onBucket), 'Statement[0]', /does not apply/],
  [
    'a bucket action on objects',
    'bucket',
    ofBucket({ Action: 's3:ListBucket' }),
    'Statement[0]',
    /does not apply/,
  ],
  [
    'a bucket action among object actions',
    'bucket',
    ofBucket({ Action: ['s3:GetObject', 's3:ListBucket'] }),
    'Statement[0]',
    /does not apply/,
  ],
  [
    'an action on no bucket',
    'bucket',
    ofBucket({ Action: 's3:ListAllMyBuckets', Resource: '*' }),
    'Statement[0]',
    /does not apply/,
  ],
]

for (const [what, kind, policy, where, message] of refused)
  test(`a policy with ${what} is refused, and it is said where`, () => {
    assert.throws(
      () => parsePolicy(policy, kind, { bucket: 'photos' }),
      (error) =>
        isEngineError(error, 'MalformedPolicy') &&
        message.test(error.message) &&
        (where === undefined || error.details.where === where),
      what,
    )
  })

test('a policy is too large from its 20,481st byte on, one of a session from its 2,049th character on', () => {
  const sized = (count: number, sign: string) => {
    const empty = JSON.stringify(ofUser({ Sid: '' })).length
    return JSON.stringify(ofUser({ Sid: sign.repeat(count - empty) }))
  }
  const isTooLarge = (policy: string, kind: PolicyKind): boolean => {
    try {
      parsePolicy(policy, kind)
      return false
    } catch (error) {
      assert.ok(isEngineError(error, 'PolicyTooLarge'), String(error))
      return true
    }
  }
  assert.deepEqual(
    [isTooLarge(sized(20_480, 'x'), 'identity'), isTooLarge(sized(20_481, 'x'), 'identity')],
    [false, true],
  )
  assert.ok(isTooLarge(sized(20_480, 'é'), 'identity'))
  assert.deepEqual(
    [isTooLarge(sized(2_048, 'é'), 'session'), isTooLarge(sized(2_049, 'x'), 'session')],
    [false, true],
  )
})

test('by the older version, and without any, variables are text', () => {
  for (const Version of ['2008-10-17', undefined]) {
    const { contextKeys } = parsePolicy(
      { ...ofUser({ Resource: 'arn:aws:s3:::${user}' }), Version },
      'identity',
    )
    assert.deepEqual([...contextKeys], [])
  }
})

test('a policy tells which condition keys it asks for', () => {
  const policy = ofUser({
    Resource: ['arn:aws:s3:::photos/${aws:username}/*', 'arn:aws:s3:::photos/*'],
    Condition: {
      StringEquals: { 's3:ExistingObjectTag/Team': '${JWT:team}' },
      Null: { 'aws:Referer': true },
    },
  })
  assert.deepEqual([...parsePolicy(policy, 'identity').contextKeys].sort(), [
    'aws:referer',
    'aws:username',
    'jwt:team',
    's3:existingobjecttag/Team',
  ])
})
