import assert from 'node:assert/strict'
import test from 'node:test'
import { S3InMemory } from './s3-in-memory.js'

const withBucket = async (): Promise<S3InMemory> => {
  const s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  return s3
}

const policy = (statement: object = {}): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::bucket/*',
        ...statement,
      },
    ],
  })

test('a policy is kept byte for byte, replaced, and deleted twice', async () => {
  await using s3 = await withBucket()
  assert.equal((await s3.ask('GET', '/bucket?policy')).code, 'NoSuchBucketPolicy')
  const first = ` {"Id" : "größe \\u0041",\r\n\t${policy().slice(1)}\n`
  for (const body of [first, policy({ Sid: 'second' })]) {
    const put = await s3.ask('PUT', '/bucket?policy', { body })
    assert.deepEqual([put.status, put.text], [204, ''])
    const got = await s3.ask('GET', '/bucket?policy')
    assert.equal(got.status, 200)
    assert.equal(got.headers['content-type'], 'application/json')
    assert.equal(got.text, body)
  }
  for (let time = 0; time < 2; time++) assert.equal((await s3.ask('DELETE', '/bucket?policy')).status, 204)
  assert.equal((await s3.ask('GET', '/bucket?policy')).status, 404)
})

test('S3 Express mode has bucket policies too', async () => {
  await using s3 = await S3InMemory.open({ profile: 'express' })
  await s3.ask('PUT', '/bucket')
  assert.equal((await s3.ask('PUT', '/bucket?policy', { body: policy() })).status, 204)
  assert.equal((await s3.ask('GET', '/bucket?policy')).text, policy())
})

const refused: [what: string, body: string | Uint8Array, code: string, detail?: RegExp][] = [
  ['no JSON', '<Policy/>', 'MalformedPolicy'],
  ['nothing at all', '', 'MalformedPolicy'],
  ['bytes that are no UTF-8', Buffer.from(policy({ Sid: '\xff' }), 'latin1'), 'MalformedPolicy'],
  ['a byte order mark', `\ufeff${policy()}`, 'MalformedPolicy'],
  ['a name that stands twice', '{"Version":"2012-10-17","Version":"2012-10-17"}', 'MalformedPolicy'],
  ['another bucket', policy({ Resource: 'arn:aws:s3:::other/*' }), 'MalformedPolicy', /Statement\[0\]/],
  [
    'an action nobody knows',
    policy({ Action: 's3:GetObjects' }),
    'MalformedPolicy',
    /Statement\[0\]\.Action/,
  ],
  ['more than 20 KiB', policy({ Sid: 'x'.repeat(20_480) }), 'PolicyTooLarge'],
  ['more than anything', policy({ Sid: 'x'.repeat(2 ** 21) }), 'PolicyTooLarge'],
]

for (const [what, body, code, detail = /(?:)/] of refused)
  test(`a policy with ${what} is refused, and the one before stays`, async () => {
    await using s3 = await withBucket()
    await s3.ask('PUT', '/bucket?policy', { body: policy() })
    const answer = await s3.ask('PUT', '/bucket?policy', { body })
    assert.deepEqual([answer.status, answer.code], [400, code], answer.text)
    assert.match(answer.text, detail)
    assert.equal((await s3.ask('GET', '/bucket?policy')).text, policy())
  })

test('a policy must come with its length, whole, and to a bucket that is there', async () => {
  await using s3 = await withBucket()
  const unsized = await s3.ask('PUT', '/bucket?policy', { body: policy(), isUnsized: true })
  assert.deepEqual([unsized.status, unsized.code], [411, 'MissingContentLength'])
  const spoilt = await s3.ask('PUT', '/bucket?policy', {
    body: policy(),
    headers: { 'content-md5': 'rL0Y20zC+Fzt72VPzMSk2A==' },
  })
  assert.equal(spoilt.code, 'BadDigest')
  for (const [method, path] of [
    ['PUT', '/absent?policy'],
    ['GET', '/absent?policy'],
    ['DELETE', '/absent?policy'],
    ['GET', '/absent?policyStatus'],
  ] as const) {
    const answer = await s3.ask(method, path, { ...(method === 'PUT' && { body: policy() }) })
    assert.equal(answer.code, 'NoSuchBucket', `${method} ${path}`)
  }
})

const statuses: [what: string, statement: object | undefined, isPublic: boolean][] = [
  ['without a policy', undefined, false],
  ['that everybody may read', {}, true],
  ['that one user may read', { Principal: { AWS: 'alice' } }, false],
  [
    'that may be read from one network',
    { Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } },
    false,
  ],
]

for (const [what, statement, isPublic] of statuses)
  test(`a bucket ${what} is ${isPublic ? '' : 'not '}public`, async () => {
    await using s3 = await withBucket()
    if (statement !== undefined) await s3.ask('PUT', '/bucket?policy', { body: policy(statement) })
    const status = await s3.ask('GET', '/bucket?policyStatus')
    assert.equal(status.status, 200)
    assert.match(
      status.text,
      new RegExp(`<PolicyStatus xmlns="[^"]+"><IsPublic>${isPublic}</IsPublic></PolicyStatus>$`),
    )
  })
