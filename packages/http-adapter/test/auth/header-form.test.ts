import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import test from 'node:test'
import { type SignedMessage, signMessage, type ToSign } from '../signing-client.js'
import {
  authenticate,
  authenticatorAt,
  EXAMPLE,
  type Message,
  outcome,
  refusal,
  withHeader,
} from './requests.js'

const now = Date.UTC(2026, 10, 23, 12)
const authenticator = authenticatorAt(now)
const MINUTE = 60_000

const ask = (what: Partial<ToSign> = {}): SignedMessage =>
  signMessage(EXAMPLE, {
    form: 'header',
    method: 'GET',
    host: 'localhost:9000',
    path: '/bucket/key',
    payload: 'hashed',
    date: new Date(now),
    ...what,
  })

test('who signs is known by the owner and name that the credentials carry', async () => {
  const { principal, form, host } = await authenticate(authenticator, ask())
  assert.deepEqual(principal, {
    anonymous: false,
    accessKeyId: EXAMPLE.accessKeyId,
    ownerId: 'owner',
    displayName: 'Owner',
  })
  assert.equal(form, 'header')
  assert.equal(host, 'localhost:9000')
})

test('a request without any signature is anonymous, and its body is read as it is', async () => {
  const message = {
    method: 'PUT',
    rawUrl: '/bucket/key',
    headers: [['Host', 'h']],
    frames: [Buffer.from('hi')],
  } as const
  const { principal, form } = await authenticate(authenticator, message)
  assert.equal(principal.anonymous, true)
  assert.equal(principal.accessKeyId, undefined)
  assert.equal(form, 'anonymous')
})

test('keys with odd characters are signed as they are sent', async () => {
  for (const path of [
    '/bucket/a%20b',
    '/bucket/a%2Bb',
    '/bucket/%C3%BC/%E6%97%A5%E6%9C%AC',
    '/bucket/a//b',
    '/bucket//a',
    '/bucket/./..',
    '/bucket/a/../b/',
    '/bucket/%25',
    '/bucket/~-._',
  ])
    assert.equal(await outcome(authenticator, ask({ path })), 'accepted', path)
})

test('a client that signs the path as it sends it, escaped or not, is understood', async () => {
  for (const path of ['/bucket/a+b', '/bucket/(a)', '/bucket/a%2fb', '/bucket/%61', '/bucket/a=b@c:d'])
    assert.equal(await outcome(authenticator, ask({ path })), 'accepted', path)
})

test('names and values of a query are signed whatever they hold', async () => {
  const query: [string, string][] = [
    ['list-type', '2'],
    ['prefix', 'a b/c+d=ü'],
    ['delimiter', '/'],
    ['empty', ''],
    ['A', '1'],
    ['a', '2'],
    ['a', '1'],
    ['a-b', '1'],
  ]
  assert.equal(await outcome(authenticator, ask({ query })), 'accepted')
})

test('user metadata beyond ASCII, with runs of spaces, is signed by its bytes', async () => {
  const headers = { 'x-amz-meta-a': 'grüß   voilà', 'x-amz-meta-b': '' }
  assert.equal(await outcome(authenticator, ask({ headers })), 'accepted')
})

test('a mismatch tells what was signed here', async () => {
  const message = signMessage(
    { ...EXAMPLE, secretAccessKey: 'another' },
    {
      form: 'header',
      method: 'GET',
      host: 'localhost:9000',
      path: '/bucket/key',
      payload: 'hashed',
      date: new Date(now),
    },
  )
  const { code, elements } = await refusal(authenticator, message)
  assert.equal(code, 'SignatureDoesNotMatch')
  assert.equal(elements.AWSAccessKeyId, EXAMPLE.accessKeyId)
  assert.equal(elements.CanonicalRequest, message.canonicalRequest)
  assert.equal(elements.SignatureProvided, message.signature)
  assert.match(
    elements.StringToSign!,
    /^AWS4-HMAC-SHA256\n20261123T120000Z\n20261123\/us-east-1\/s3\/aws4_request\n[0-9a-f]{64}$/,
  )
  const fromBytes = (hex: string): string => Buffer.from(hex.replaceAll(' ', ''), 'hex').toString()
  assert.equal(fromBytes(elements.StringToSignBytes!), elements.StringToSign)
  assert.equal(fromBytes(elements.CanonicalRequestBytes!), message.canonicalRequest)
})

test('a body that is not the one hashed is refused at its end with both hashes', async () => {
  const message = ask({ method: 'PUT', body: Buffer.from('hello') })
  const { code, elements } = await refusal(authenticator, { ...message, frames: [Buffer.from('hellO')] })
  assert.equal(code, 'XAmzContentSHA256Mismatch')
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
  assert.deepEqual(elements, {
    ClientComputedContentSHA256: sha256('hello'),
    S3ComputedContentSHA256: sha256('hellO'),
  })
})

test('a clock may be off by 15 minutes and no more', async () => {
  const at = (time: number): Promise<string> => outcome(authenticator, ask({ date: new Date(time) }))
  assert.equal(await at(now - 15 * MINUTE), 'accepted')
  assert.equal(await at(now + 15 * MINUTE), 'accepted')
  assert.equal(await at(now - 15 * MINUTE - 1_000), 'RequestTimeTooSkewed')
  assert.equal(await at(now + 15 * MINUTE + 1_000), 'RequestTimeTooSkewed')
  const { elements } = await refusal(authenticator, ask({ date: new Date(now - 20 * MINUTE) }))
  assert.deepEqual(elements, {
    RequestTime: '20261123T114000Z',
    ServerTime: '2026-11-23T12:00:00Z',
    MaxAllowedSkewMilliseconds: '900000',
  })
})

test('the region must be ours or one that unconfigured clients name', async () => {
  const european = authenticatorAt(now, { region: 'eu-west-1' })
  const from = (region: string): Message =>
    signMessage(
      { ...EXAMPLE, region },
      { form: 'header', method: 'GET', host: 'h', path: '/', payload: 'hashed', date: new Date(now) },
    )
  for (const region of ['eu-west-1', 'us-east-1', 'auto', ''])
    assert.equal(await outcome(european, from(region)), 'accepted', region)
  const error = await refusal(european, from('us-west-2'))
  assert.equal(error.code, 'AuthorizationHeaderMalformed')
  assert.equal(error.elements.Region, 'eu-west-1')
  assert.equal(error.headers['x-amz-bucket-region'], 'eu-west-1')
  const strict = authenticatorAt(now, { region: 'eu-west-1', acceptedRegions: [] })
  assert.equal(await outcome(strict, from('us-east-1')), 'AuthorizationHeaderMalformed')
})

test('a signature made for another service is refused', async () => {
  const message = signMessage(
    { ...EXAMPLE, service: 'sts' },
    { form: 'header', method: 'GET', host: 'h', path: '/', payload: 'hashed', date: new Date(now) },
  )
  assert.equal(await outcome(authenticator, message), 'AuthorizationHeaderMalformed')
  assert.equal(await outcome(authenticatorAt(now, { services: ['s3', 'sts'] }), message), 'accepted')
})

test('every x-amz header must be signed, and so must the host', async () => {
  const added = await refusal(authenticator, withHeader(ask(), 'X-Amz-Acl', 'public-read'))
  assert.equal(added.code, 'AccessDenied')
  assert.deepEqual(added.elements, { HeadersNotSigned: 'x-amz-acl' })
  const replica = await refusal(authenticator, withHeader(ask(), 'X-Minio-Source-Etag', 'forged'))
  assert.deepEqual(replica.elements, { HeadersNotSigned: 'x-minio-source-etag' })
  // Not every header needs a signature: those of proxies and HTTP libraries come and go.
  assert.equal(await outcome(authenticator, withHeader(ask(), 'Content-Type', 'text/plain')), 'accepted')
})

const AUTHORIZATION = ask().headers.find(([name]) => name === 'authorization')![1]
const [, CREDENTIAL, SIGNED_HEADERS, SIGNATURE] = /Credential=(.*), SignedHeaders=(.*), Signature=(.*)/.exec(
  AUTHORIZATION,
)!

test('an Authorization header is taken apart strictly', async () => {
  const good = (text: string) => [text, 'accepted'] as const
  const malformed = (text: string) => [text, 'AuthorizationHeaderMalformed'] as const
  const field = (credential: string): string =>
    `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${SIGNED_HEADERS}, Signature=${SIGNATURE}`
  for (const [authorization, expected] of [
    good(`AWS4-HMAC-SHA256 Credential=${CREDENTIAL},SignedHeaders=${SIGNED_HEADERS},Signature=${SIGNATURE}`),
    good(
      `AWS4-HMAC-SHA256 Signature=${SIGNATURE},  Credential=${CREDENTIAL} , SignedHeaders=${SIGNED_HEADERS}`,
    ),
    malformed(`AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=${SIGNED_HEADERS}`),
    malformed(`AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, Signature=${SIGNATURE}`),
    malformed(`${AUTHORIZATION}, Signature=${SIGNATURE}`),
    malformed(`${AUTHORIZATION}, Region=auto`),
    malformed(`${AUTHORIZATION},`),
    malformed(AUTHORIZATION.toUpperCase()),
    malformed(AUTHORIZATION.slice(0, -1)),
    malformed(`${AUTHORIZATION}0`),
    malformed(AUTHORIZATION.replace(SIGNED_HEADERS!, '')),
    malformed(AUTHORIZATION.replace(SIGNED_HEADERS!, 'host;;x-amz-date')),
    malformed(AUTHORIZATION.replace(SIGNED_HEADERS!, 'host x-amz-date')),
    malformed(field('')),
    malformed(field('/20261123/us-east-1/s3/aws4_request')),
    malformed(field('AKID/us-east-1/s3/aws4_request')),
    malformed(field(`${EXAMPLE.accessKeyId}/2026-11-23/us-east-1/s3/aws4_request`)),
    malformed(field(`${EXAMPLE.accessKeyId}/20261122/us-east-1/s3/aws4_request`)),
    malformed(field(`${EXAMPLE.accessKeyId}/20261123/us-east-1/s3/aws5_request`)),
    [field('a/b/20261123/us-east-1/s3/aws4_request'), 'InvalidAccessKeyId'] as const,
    ['', 'InvalidArgument'] as const,
    ['Bearer abc', 'InvalidArgument'] as const,
    ['Basic YTpi', 'InvalidArgument'] as const,
    ['AWS4-HMAC-SHA256', 'InvalidRequest'] as const,
    ['AWS4-ECDSA-P256-SHA256 Credential=a', 'InvalidRequest'] as const,
  ])
    assert.equal(
      await outcome(authenticator, withHeader(ask(), 'authorization', authorization)),
      expected,
      authorization,
    )
})

test('Signature Version 2 is refused with a pointer to version 4 and to the setting', async () => {
  const { code, message } = await refusal(
    authenticator,
    withHeader(ask(), 'authorization', `AWS ${EXAMPLE.accessKeyId}:frJIUN8DYpKDtOLCwo//yllqDzg=`),
  )
  assert.equal(code, 'InvalidRequest')
  assert.equal(
    message,
    'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256. This is Signature Version 2. Set signature_version = s3v4 in the client, or start the server with --signature-v2 (signatureV2: true in the adapter).',
  )
})

test('two mechanisms at once are refused, even when both are right', async () => {
  const query = signMessage(EXAMPLE, {
    form: 'query',
    method: 'GET',
    host: 'localhost:9000',
    path: '/bucket/key',
    payload: 'unsigned',
    date: new Date(now),
  })
  assert.equal(
    await outcome(authenticator, { ...query, headers: [...query.headers, ['authorization', AUTHORIZATION]] }),
    'InvalidArgument',
  )
  const twice: Message = { ...ask(), headers: [...ask().headers, ['Authorization', AUTHORIZATION]] }
  assert.equal(await outcome(authenticator, twice), 'AuthorizationHeaderMalformed')
})

test('a date and a payload hash are needed, once each', async () => {
  const message = ask()
  assert.equal(await outcome(authenticator, withHeader(message, 'x-amz-date', undefined)), 'AccessDenied')
  assert.equal(await outcome(authenticator, withHeader(message, 'x-amz-date', '2026-11-23')), 'AccessDenied')
  assert.equal(
    await outcome(authenticator, withHeader(message, 'x-amz-content-sha256', undefined)),
    'InvalidRequest',
  )
  const twoDates: Message = { ...message, headers: [...message.headers, ['x-amz-date', '20261123T120000Z']] }
  assert.equal(await outcome(authenticator, twoDates), 'AccessDenied')
  const twoHosts: Message = { ...message, headers: [...message.headers, ['Host', 'localhost:9000']] }
  assert.equal(await outcome(authenticator, twoHosts), 'InvalidRequest')
})

test('a Date header serves where there is no x-amz-date', async () => {
  // From AWS's rules: the timestamp signed is the same moment in basic ISO form.
  const hash = createHash('sha256').update('').digest('hex')
  const canonical = `GET\n/\n\ndate:Mon, 23 Nov 2026 12:00:00 GMT\nhost:h\nx-amz-content-sha256:${hash}\n\ndate;host;x-amz-content-sha256\n${hash}`
  const scope = ['20261123', 'us-east-1', 's3', 'aws4_request']
  const key = scope.reduce<string | Buffer>(
    (former, text) => createHmac('sha256', former).update(text).digest(),
    `AWS4${EXAMPLE.secretAccessKey}`,
  )
  const signature = createHmac('sha256', key)
    .update(
      `AWS4-HMAC-SHA256\n20261123T120000Z\n${scope.join('/')}\n${createHash('sha256').update(canonical).digest('hex')}`,
    )
    .digest('hex')
  const message: Message = {
    method: 'GET',
    rawUrl: '/',
    headers: [
      ['Host', 'h'],
      ['Date', 'Mon, 23 Nov 2026 12:00:00 GMT'],
      ['x-amz-content-sha256', hash],
      [
        'Authorization',
        `AWS4-HMAC-SHA256 Credential=${[EXAMPLE.accessKeyId, ...scope].join('/')}, SignedHeaders=date;host;x-amz-content-sha256, Signature=${signature}`,
      ],
    ],
    frames: [],
  }
  assert.equal(await outcome(authenticator, message), 'accepted')
})

test('a temporary key needs its own token, and expires', async () => {
  const temporary = authenticatorAt(now, {}, { sessionToken: 'the token', expiresAt: now + MINUTE })
  const withToken = (sessionToken?: string): SignedMessage =>
    signMessage(
      { ...EXAMPLE, ...(sessionToken === undefined ? {} : { sessionToken }) },
      { form: 'header', method: 'GET', host: 'h', path: '/', payload: 'hashed', date: new Date(now) },
    )
  assert.equal(await outcome(temporary, withToken('the token')), 'accepted')
  assert.equal(await outcome(temporary, withToken('another token')), 'InvalidToken')
  assert.equal(await outcome(temporary, withToken()), 'InvalidAccessKeyId')
  assert.equal(await outcome(authenticator, withToken('the token')), 'InvalidToken')
  const expired = authenticatorAt(now, {}, { sessionToken: 'the token', expiresAt: now })
  assert.equal(await outcome(expired, withToken('the token')), 'ExpiredToken')
})

test('a payload is opened once, and untouched until then', async () => {
  let touched = false
  const { payload } = await authenticator({
    method: 'PUT',
    rawUrl: '/bucket/key',
    rawHeaders: [['Host', 'h']],
    body: {
      [Symbol.asyncIterator]() {
        touched = true
        return { next: async () => ({ done: true, value: undefined }) }
      },
    },
    secure: false,
    signal: new AbortController().signal,
  })
  assert.equal(touched, false)
  payload.open()
  assert.throws(() => payload.open(), TypeError)
})

test('a reader that leaves early is told by the trailers, and nothing is left unhandled', async () => {
  const message = ask({
    method: 'PUT',
    payload: 'unsigned-chunked-trailer',
    trailer: ['x-amz-checksum-crc32', 'NhCmhg=='],
    body: Buffer.from('hello'),
  })
  const { payload } = await authenticate(authenticator, message)
  const { body, trailers } = payload.open()
  for await (const _ of body) break
  await assert.rejects(trailers!, { code: 'IncompleteBody' })
})
