import assert from 'node:assert/strict'
import test from 'node:test'
import { type SignedMessage, signMessage, type ToSign } from '../signing-client.js'
import { authenticate, authenticatorAt, EXAMPLE, outcome, refusal, withHeader } from './requests.js'

const now = Date.UTC(2026, 10, 23, 12)
const authenticator = authenticatorAt(now)
const MINUTE = 60_000

const presign = (what: Partial<ToSign> = {}): SignedMessage =>
  signMessage(EXAMPLE, {
    form: 'query',
    method: 'GET',
    host: 'localhost:9000',
    path: '/bucket/a%20key',
    payload: 'unsigned',
    date: new Date(now),
    ...what,
  })

const edited = (message: SignedMessage, edit: (query: URLSearchParams) => void): SignedMessage => {
  const [path, text] = message.rawUrl.split('?')
  const query = new URLSearchParams(text)
  edit(query)
  return { ...message, rawUrl: `${path}?${query}` }
}

test('a presigned URL is good for as long as it says', async () => {
  const at = (time: number, expiresSeconds: number): Promise<string> =>
    outcome(authenticator, presign({ date: new Date(time), expiresSeconds }))
  assert.equal(await at(now, 1), 'accepted')
  assert.equal(await at(now - 6 * 24 * 60 * MINUTE, 604_800), 'accepted')
  assert.equal(await at(now - 60_000, 60), 'AccessDenied')
  assert.equal(await at(now, 0), 'AccessDenied')
  assert.equal(await at(now + 15 * MINUTE, 60), 'accepted')
  assert.equal(await at(now + 15 * MINUTE + 1_000, 60), 'AccessDenied')
})

test('an expired URL tells when it expired, an early one that it is early', async () => {
  const expired = await refusal(
    authenticator,
    presign({ date: new Date(now - 10 * MINUTE), expiresSeconds: 60 }),
  )
  assert.equal(expired.message, 'Request has expired')
  assert.deepEqual(expired.elements, {
    'X-Amz-Expires': '60',
    Expires: '2026-11-23T11:51:00Z',
    ServerTime: '2026-11-23T12:00:00Z',
  })
  const early = await refusal(authenticator, presign({ date: new Date(now + 20 * MINUTE) }))
  assert.equal(early.message, 'Request is not valid yet')
})

test('each way of getting the query parameters wrong has its message', async () => {
  const cases: [(query: URLSearchParams) => void, RegExp][] = [
    ...[
      'X-Amz-Credential',
      'X-Amz-Date',
      'X-Amz-Expires',
      'X-Amz-SignedHeaders',
      'X-Amz-Signature',
      'X-Amz-Algorithm',
    ].flatMap((name): [(query: URLSearchParams) => void, RegExp][] => [
      [(query) => query.delete(name), /requires the X-Amz-Algorithm, X-Amz-Credential/],
      [(query) => query.set(name, ''), /requires the X-Amz-Algorithm, X-Amz-Credential/],
      [(query) => query.append(name, query.get(name)!), /is given twice/],
    ]),
    [(query) => query.set('X-Amz-Expires', 'soon'), /should be a number/],
    [(query) => query.set('X-Amz-Expires', '1.5'), /should be a number/],
    [(query) => query.set('X-Amz-Expires', '-1'), /must be non-negative/],
    [(query) => query.set('X-Amz-Expires', '604801'), /must be less than a week/],
    [(query) => query.set('X-Amz-Expires', '9'.repeat(400)), /must be less than a week/],
    [(query) => query.set('X-Amz-Algorithm', 'AWS4-HMAC-SHA1'), /only supports/],
    [(query) => query.set('X-Amz-Date', 'Mon, 23 Nov 2026 12:00:00 GMT'), /ISO8601 Long Format/],
    [(query) => query.set('X-Amz-Date', '20261122T120000Z'), /Invalid credential date/],
    [(query) => query.set('X-Amz-Credential', 'AKID'), /the Credential is mal-formed/],
    [(query) => query.set('X-Amz-Credential', 'AKID/20261123/us-east-1/s3/x'), /incorrect terminal/],
    [
      (query) => query.set('X-Amz-Credential', 'AKID/20261123/us-east-1/ec2/aws4_request'),
      /incorrect service/,
    ],
    [
      (query) => query.set('X-Amz-Credential', 'AKID/20261123/mars-1/s3/aws4_request'),
      /the region 'mars-1' is wrong/,
    ],
    [(query) => query.set('X-Amz-SignedHeaders', ' '), /X-Amz-SignedHeaders/],
    [(query) => query.set('X-Amz-Signature', 'abc'), /X-Amz-Signature/],
  ]
  for (const [edit, message] of cases) {
    const error = await refusal(authenticator, edited(presign(), edit))
    assert.equal(error.code, 'AuthorizationQueryParametersError', String(message))
    assert.match(error.message, message)
  }
})

test('names are matched by case: in another spelling nothing signs', async () => {
  const message = presign()
  const lower = { ...message, rawUrl: message.rawUrl.replaceAll('X-Amz-', 'x-amz-') }
  assert.equal((await authenticate(authenticator, lower)).principal.anonymous, true)
})

test('nothing can be added to a presigned query or taken from it', async () => {
  const message = presign({ query: [['versionId', 'null']] })
  assert.equal(await outcome(authenticator, message), 'accepted')
  assert.equal(
    await outcome(authenticator, { ...message, rawUrl: `${message.rawUrl}&response-content-type=text/html` }),
    'SignatureDoesNotMatch',
  )
  assert.equal(
    await outcome(authenticator, { ...message, rawUrl: message.rawUrl.replace('versionId=null&', '') }),
    'SignatureDoesNotMatch',
  )
})

test('an x-amz header that the URL does not sign is refused', async () => {
  assert.equal(
    await outcome(authenticator, withHeader(presign(), 'x-amz-acl', 'public-read')),
    'AccessDenied',
  )
})

test('a header that the URL signs must be sent', async () => {
  const message = presign({ method: 'PUT', headers: { 'content-type': 'text/plain' } })
  assert.equal(await outcome(authenticator, message), 'accepted')
  assert.equal(
    await outcome(authenticator, withHeader(message, 'content-type', undefined)),
    'SignatureDoesNotMatch',
  )
})

test('operations find headers where the query carried them', async () => {
  const query: [string, string][] = [
    ['x-amz-acl', 'private'],
    ['x-amz-meta-colour', 'grün'],
    ['if-none-match', '*'],
  ]
  const { headers, form } = await authenticate(authenticator, presign({ method: 'PUT', query }))
  assert.equal(form, 'query')
  assert.equal(headers.get('x-amz-acl'), 'private')
  assert.equal(headers.get('x-amz-meta-colour'), Buffer.from('grün').toString('latin1'))
  assert.equal(headers.get('if-none-match'), '*')
})

const EMPTY_CHECKSUM: [string, string][] = [
  ['x-amz-checksum-crc32', 'AAAAAA=='],
  ['x-amz-sdk-checksum-algorithm', 'CRC32'],
]

test('a presigned PUT that carries the checksum of an empty body in its query stores any body', async () => {
  const message = presign({ method: 'PUT', query: EMPTY_CHECKSUM, body: Buffer.from('hello') })
  const { headers } = await authenticate(authenticator, message)
  assert.equal(headers.has('x-amz-checksum-crc32'), false)
  assert.equal(headers.has('x-amz-sdk-checksum-algorithm'), false)
  assert.equal(await outcome(authenticator, message), 'accepted')
})

test('the same is refused where checksums in the query are enforced', async () => {
  const enforcing = authenticatorAt(now, { queryChecksums: 'enforce' })
  const message = presign({ method: 'PUT', query: EMPTY_CHECKSUM, body: Buffer.from('hello') })
  assert.equal(await outcome(enforcing, message), 'BadDigest')
})

test('a checksum in a signed header is enforced in a presigned request as in any other', async () => {
  const message = presign({
    method: 'PUT',
    query: EMPTY_CHECKSUM,
    headers: { 'x-amz-checksum-crc32': 'NhCmhg==' },
    body: Buffer.from('hello'),
  })
  assert.equal(await outcome(authenticator, message), 'accepted')
  assert.equal(await outcome(authenticator, { ...message, frames: [Buffer.from('hellO')] }), 'BadDigest')
})

test('a payload hash in the query is enforced, and two that differ are refused', async () => {
  const hello = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
  const unsigned = presign({ method: 'PUT', query: [['X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD']] })
  assert.equal(await outcome(authenticator, unsigned), 'accepted')
  const both = presign({
    method: 'PUT',
    payload: 'hashed',
    query: [['X-Amz-Content-Sha256', hello]],
    body: Buffer.from('hello'),
  })
  assert.equal(await outcome(authenticator, both), 'accepted')
  assert.equal(
    await outcome(authenticator, { ...both, frames: [Buffer.from('hellO')] }),
    'XAmzContentSHA256Mismatch',
  )
  const differing = presign({
    method: 'PUT',
    payload: 'hashed',
    query: [['X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD']],
  })
  assert.equal(await outcome(authenticator, differing), 'AuthorizationQueryParametersError')
})

test('a temporary key presigns with its token in the query', async () => {
  const temporary = authenticatorAt(now, {}, { sessionToken: 'a/token+=' })
  const url = signMessage(
    { ...EXAMPLE, sessionToken: 'a/token+=' },
    { form: 'query', method: 'GET', host: 'h', path: '/b/k', payload: 'unsigned', date: new Date(now) },
  )
  assert.equal(await outcome(temporary, url), 'accepted')
  assert.equal(await outcome(authenticator, url), 'InvalidToken')
})

test('Signature Version 2 in the query is refused, and so is half of it', async () => {
  for (const query of ['AWSAccessKeyId=a&Expires=1&Signature=b', 'Signature=b', 'AWSAccessKeyId=a'])
    assert.equal(
      await outcome(authenticator, {
        method: 'GET',
        rawUrl: `/b/k?${query}`,
        headers: [['Host', 'h']],
        frames: [],
      }),
      'InvalidRequest',
    )
  const message = presign()
  assert.equal(
    await outcome(authenticator, { ...message, rawUrl: `${message.rawUrl}&Signature=b` }),
    'InvalidArgument',
  )
})
