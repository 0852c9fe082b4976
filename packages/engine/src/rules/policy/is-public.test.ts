// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policies have such variables.
import assert from 'node:assert/strict'
import test from 'node:test'
import { isPublicPolicy } from './is-public.js'
import { parsePolicy } from './parse-policy.js'

const isPublic = (...statements: object[]): boolean =>
  isPublicPolicy(
    parsePolicy(
      {
        Version: '2012-10-17',
        Statement: statements.map((statement) => ({
          Effect: 'Allow',
          Principal: '*',
          Action: 's3:GetObject',
          Resource: 'arn:aws:s3:::photos/*',
          ...statement,
        })),
      },
      'bucket',
    ),
  )
const when = (operator: string, key: string, value: unknown) => ({
  Condition: { [operator]: { [key]: value } },
})

const cases: [what: string, statement: object, expected: boolean][] = [
  ['everybody', {}, true],
  ['everybody, in other words', { Principal: { AWS: '*' } }, true],
  ['everybody beside a user', { Principal: { AWS: ['alice', '*'] } }, true],
  ['a user', { Principal: { AWS: 'alice' } }, false],
  ['everybody who is denied', { Effect: 'Deny' }, false],
  ['a network', when('IpAddress', 'aws:SourceIp', ['10.0.0.0/8', '2001:db8::/32']), false],
  ['a network broader than /8', when('IpAddress', 'aws:SourceIp', ['192.0.2.0/24', '10.0.0.0/7']), true],
  ['a network of version 6 broader than /32', when('IpAddress', 'aws:SourceIp', '2001::/31'), true],
  ['all but a network', when('NotIpAddress', 'aws:SourceIp', '192.0.2.0/24'), true],
  ['a network, if it is known', when('IpAddressIfExists', 'aws:SourceIp', '192.0.2.0/24'), true],
  ['all of its values', when('ForAllValues:IpAddress', 'aws:SourceIp', '192.0.2.0/24'), true],
  ['an ARN', when('ArnEquals', 'aws:PrincipalArn', 'arn:aws:iam:::user/alice'), false],
  ['an ARN with a wildcard', when('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam:::user/*'), true],
  ['a name', when('StringLike', 'aws:username', 'alice'), false],
  ['a name with a variable', when('StringEquals', 'aws:username', '${aws:userid}'), true],
  ['those without a name', when('StringEquals', 'aws:userid', 'anonymous'), true],
  ['a referer', when('StringEquals', 'aws:Referer', 'https://example.com/'), true],
  ['encrypted connections', when('Bool', 'aws:SecureTransport', true), true],
  ['those who have an ARN', when('Null', 'aws:PrincipalArn', false), true],
]

for (const [what, statement, expected] of cases)
  test(`a bucket open to ${what} is ${expected ? '' : 'not '}public`, () => {
    assert.equal(isPublic(statement), expected)
    assert.equal(isPublic({ Principal: { AWS: 'alice' } }, statement), expected)
  })
