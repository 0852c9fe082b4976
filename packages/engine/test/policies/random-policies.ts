// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policies have such variables.
import type { PolicyPrincipal } from '@aquifer/engine'
import fc from 'fast-check'
import type { Asked, Document, Situation, WrittenStatement } from './reference-evaluator.js'

/** Few names, so that policies and requests often meet. */
const actions = ['s3:GetObject', 's3:PutObject', 's3:ListBucket', 's3:PutBucketPolicy', 's3:DeleteObject']
const actionPatterns = [...actions, 's3:*', 's3:Get*', 's3:*Object', 'S3:PUTobject', 's3:?etObject', '*']
const resources = [
  'arn:aws:s3:::photos',
  'arn:aws:s3:::photos/home/alice/a',
  'arn:aws:s3:::photos/home/bob/b',
  'arn:aws:s3:::photos/home/*',
  'arn:aws:s3:::photos/😀',
]
const resourcePatterns = [
  ...resources.slice(0, 3),
  '*',
  'arn:aws:s3:::*',
  'arn:aws:s3:::photos*',
  'arn:aws:s3:::photos/*',
  'arn:aws:s3:::ph?tos/home/*/?',
  'arn:aws:s3:::photos/home/${aws:username}/*',
  "arn:aws:s3:::photos/home/${aws:username, 'bob'}/*",
  'arn:aws:s3:::photos/home/${*}',
  'arn:aws:s3:::photos/?',
  'arn:aws:s3:::photos/*home*alice*',
]

const someOf = <T>(values: readonly T[]): fc.Arbitrary<T[]> =>
  fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 3 })

const texts = ['alice', 'bob', 'Alice', 'a*', '*', 'al?ce', '${aws:username}', '${aws:userid}', 'staff']
const keysOf = {
  text: ['aws:username', 'aws:Referer', 'aws:UserAgent', 'aws:groups', 'aws:principaltype'],
  number: ['s3:signatureAge', 's3:TlsVersion'],
  date: ['aws:CurrentTime'],
  boolean: ['aws:SecureTransport'],
  address: ['aws:SourceIp'],
}
const kinds: [operators: string[], keys: string[], values: string[]][] = [
  [
    ['StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringLike', 'StringNotLike'],
    keysOf.text,
    texts,
  ],
  [
    ['NumericEquals', 'NumericNotEquals', 'NumericLessThan', 'NumericGreaterThanEquals'],
    keysOf.number,
    ['1', '1.2', '5000'],
  ],
  [['DateGreaterThan', 'DateLessThanEquals'], keysOf.date, ['2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z']],
  [['Bool'], keysOf.boolean, ['true', 'false']],
  [['IpAddress', 'NotIpAddress'], keysOf.address, ['192.0.2.0/24', '192.0.2.77', '0.0.0.0/1']],
]
const comparison = fc
  .constantFrom(...kinds)
  .chain(([operators, keys, values]) =>
    fc
      .tuple(
        fc.constantFrom('', '', 'ForAnyValue:', 'ForAllValues:'),
        fc.constantFrom(...operators),
        fc.constantFrom('', '', 'IfExists'),
        fc.constantFrom(...keys),
        someOf(values),
      )
      .map(
        ([of, operator, suffix, key, wanted]) => [`${of}${operator}${suffix}`, { [key]: wanted }] as const,
      ),
  )
const nullCondition = fc
  .tuple(fc.constantFrom(...Object.values(keysOf).flat()), someOf(['true', 'false']))
  .map(([key, wanted]) => ['Null', { [key]: wanted }] as const)
const condition = fc
  .array(fc.oneof({ weight: 6, arbitrary: comparison }, nullCondition), { maxLength: 2 })
  .map((conditions) => Object.fromEntries(conditions))

const names = ['alice', 'arn:aws:iam:::user/bob', 'arn:aws:iam:::user/alice', 'arn:aws:iam:::root', '*']

const statement = (kind: 'identity' | 'bucket'): fc.Arbitrary<WrittenStatement> =>
  fc
    .record({
      Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
      actions: someOf(actionPatterns),
      resources: someOf(resourcePatterns),
      principals: someOf(names),
      isEverybody: fc.boolean(),
      notAction: fc.constantFrom(true, false, false, false),
      notResource: fc.constantFrom(true, false, false, false),
      notPrincipal: fc.boolean(),
      Condition: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, condition),
    })
    // What every action is excluded from can say nothing of a condition's key.
    .filter(
      ({ notAction, actions, Condition }) =>
        !notAction || !actions.includes('*') || Object.keys(Condition).length === 0,
    )
    .map(({ Effect, actions, resources, principals, isEverybody, ...rest }): WrittenStatement => {
      const { notAction, notResource, notPrincipal, Condition } = rest
      const AWS = principals
      const principal =
        notPrincipal && Effect === 'Deny'
          ? { NotPrincipal: { AWS } }
          : { Principal: isEverybody ? ('*' as const) : { AWS } }
      return {
        Effect,
        ...(notAction ? { NotAction: actions } : { Action: actions }),
        ...(notResource ? { NotResource: resources } : { Resource: resources }),
        ...(kind === 'bucket' && principal),
        ...(Object.keys(Condition).length > 0 && { Condition }),
      }
    })

const policy = (kind: 'identity' | 'bucket'): fc.Arbitrary<Document> =>
  fc
    .array(statement(kind), { minLength: 1, maxLength: 3 })
    .map((Statement) => ({ Version: '2012-10-17', Statement }))

const identityPolicy = policy('identity')
export const boundary: fc.Arbitrary<Document[]> = fc.array(identityPolicy, { maxLength: 2 })

export const situation: fc.Arbitrary<Situation> = fc
  .record({
    identity: fc.array(identityPolicy, { maxLength: 3 }),
    boundaries: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(boundary, { maxLength: 2 })),
    bucket: fc.option(policy('bucket'), { nil: undefined }),
  })
  .map(({ bucket, ...rest }) => ({ ...rest, ...(bucket && { bucket }) }))

const user = (
  userName: string,
  principalType: 'User' | 'AssumedRole' | 'FederatedUser',
  groups: string[],
): PolicyPrincipal => ({
  type: 'user',
  userId: `ID-${userName}`,
  userName,
  accessKeyId: 'KEY',
  groups,
  principalType,
})
const principals: PolicyPrincipal[] = [
  user('alice', 'User', ['staff', 'alice']),
  user('alice', 'AssumedRole', ['staff']),
  user('alice', 'FederatedUser', []),
  user('bob', 'User', []),
  { type: 'anonymous' },
  { type: 'root', userId: 'ROOT', userName: 'alice', accessKeyId: 'ROOTKEY' },
]

const contextValues: Readonly<Record<string, readonly string[]>> = {
  'aws:referer': ['alice', 'Alice', '*', '${aws:username}'],
  'aws:useragent': ['bob', 'staff'],
  's3:signatureage': ['1', '5000.0', 'x'],
  's3:tlsversion': ['1.2'],
  'aws:currenttime': ['2026-06-01T00:00:00Z', '1767225600'],
  'aws:securetransport': ['true', 'false'],
  'aws:sourceip': ['192.0.2.77', '203.0.113.1'],
}
const context = fc.record(
  Object.fromEntries(
    Object.entries(contextValues).map(([key, values]) => [
      key,
      fc.array(fc.constantFrom(...values), { maxLength: 2 }),
    ]),
  ),
  { requiredKeys: [] },
)

export const request: fc.Arbitrary<Asked> = fc
  .record({
    principal: fc.constantFrom(...principals),
    action: fc.constantFrom(...actions),
    resource: fc.constantFrom(...resources),
    context,
  })
  .map(({ context, ...rest }) => ({
    ...rest,
    context: new Map(Object.entries(context as Record<string, string[]>)),
  }))
