// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policies have such variables.
import assert from 'node:assert/strict'
import {
  decide,
  formatPolicy,
  isEngineError,
  isPublicPolicy,
  type Policy,
  parsePolicy,
} from '@aquifer/engine'
import fc from 'fast-check'
import { fuzz, mutated, wordSalad } from './fuzz.js'

const document = JSON.stringify({
  Version: '2012-10-17',
  Id: 'größe',
  Statement: [
    {
      Sid: 'read',
      Effect: 'Allow',
      Principal: { AWS: ['arn:aws:iam:::user/alice', 'bob'], CanonicalUser: 'c0ffee' },
      Action: ['s3:Get*', 's3:ListBucket'],
      Resource: ['arn:aws:s3:::photos', 'arn:aws:s3:::photos/home/${aws:username}/*'],
      Condition: {
        'ForAnyValue:StringLikeIfExists': { 'aws:Referer': ['https://*.example/*', '${aws:userid}'] },
        NotIpAddress: { 'aws:SourceIp': ['192.0.2.0/24', '2001:db8::/32'] },
        DateLessThan: { 'aws:CurrentTime': '2030-01-01T00:00:00Z' },
        NumericLessThanEquals: { 's3:signatureAge': 600000 },
        Bool: { 'aws:SecureTransport': true },
        Null: { 'aws:UserAgent': false },
      },
    },
    {
      Effect: 'Deny',
      NotPrincipal: { AWS: 'alice' },
      NotAction: 's3:PutObject',
      NotResource: 'arn:aws:s3:::photos/*',
    },
  ],
})

const words = [
  ...Array.from(document.matchAll(/"[^"]*"/g), ([word]) => word),
  ...['{', '}', '[', ']', ',', ':', '"', '\\', '\\u00', '0', '-1e9', 'true', 'null', ' ', '\n', '__proto__'],
  ...['"__proto__":', '"constructor":', '*', '?', '${', '${*}', 'arn:aws:s3:::', '\ud800', '[[[[[[[[['],
]

/** Undefined: it was refused properly. */
function read(text: string): Policy | undefined {
  try {
    return parsePolicy(text, 'bucket', { bucket: 'photos' })
  } catch (error) {
    if (isEngineError(error, 'MalformedPolicy') || isEngineError(error, 'PolicyTooLarge')) return undefined
    throw error
  }
}

const key = 'a'.repeat(900)
const contexts = new Map([
  ['aws:referer', ['https://www.example/', key]],
  ['aws:sourceip', ['192.0.2.1']],
])

/** What is read is what everybody else would read, and everything can be done with it. */
function exercise(text: string): void {
  const policy = read(text)
  if (policy === undefined) return
  assert.equal(typeof JSON.parse(text), 'object')
  assert.deepEqual(parsePolicy(formatPolicy(policy), 'bucket', { bucket: 'photos' }), policy)
  isPublicPolicy(policy)
  for (const resource of ['arn:aws:s3:::photos', `arn:aws:s3:::photos/home/${key}`])
    decide(
      { identity: [], boundaries: [], bucket: policy },
      { principal: { type: 'anonymous' }, action: 's3:GetObject', resource, context: contexts },
    )
}

fuzz('a policy is read or refused, whatever was done to it', mutated(document), exercise)

fuzz('any text is a policy or refused', fc.oneof(wordSalad(words), fc.string()), exercise)

fuzz(
  'names and values of all kinds are taken or refused',
  fc.json({ maxDepth: 12 }).chain((value) =>
    fc
      .constantFrom('Version', 'Statement', 'Principal', 'Action', 'Resource', 'Condition', '__proto__')
      .map((name) => {
        const [statement, ...others] = JSON.parse(document).Statement
        const changed = name === 'Version' || name === 'Statement' ? `"${name}":${value}` : undefined
        return changed === undefined
          ? `{"Version":"2012-10-17","Statement":[{${members({ ...statement, [name]: undefined })},"${name}":${value}}]}`
          : `{${changed},${members({ Statement: others, [name]: undefined })}}`
      }),
  ),
  exercise,
)

const members = (object: object): string => JSON.stringify(object).slice(1, -1)

const pattern = fc
  .array(fc.constantFrom('*', '?', 'a', 'aa', 'ab', '${aws:userid}', "${aws:username, 'a'}", '${*}'), {
    maxLength: 2_000,
  })
  .map((pieces) => pieces.join(''))

fuzz('no pattern takes long, whatever it is matched with', pattern, (text) =>
  exercise(
    JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::photos/${text}`,
        Condition: { StringLike: { 'aws:Referer': text } },
      },
    }),
  ),
)
