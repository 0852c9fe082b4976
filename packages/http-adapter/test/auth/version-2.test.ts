import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import {
  type AuthSettings,
  type Credentials,
  explainSignature,
  formatExplanation,
} from '@aquifer/http-adapter'
import fc from 'fast-check'
import { fuzz, mutated, wordSalad } from '../fuzz.js'
import {
  authenticate,
  authenticatorAt,
  EXAMPLE,
  type Message,
  outcome,
  read,
  refusal,
  withHeader,
} from './requests.js'
import { VERSION_2_TIME as now, VERSION_2_VECTORS } from './version-2-vectors.js'

const MINUTE = 60_000
const at = (time: number, settings: Partial<AuthSettings> = {}, temporary: Partial<Credentials> = {}) =>
  authenticatorAt(time, { signatureV2: true, domains: ['S3.test'], ...settings }, temporary)
const authenticator = at(now)

const vector = (name: string): Message => {
  const found = VERSION_2_VECTORS.find((one) => one.name === name)
  assert.ok(found, name)
  return found
}
const presigned = vector('a presigned get')
const put = vector('a put with metadata and a type')

const sign = (text: string): string =>
  createHmac('sha1', EXAMPLE.secretAccessKey).update(text).digest('base64')

const ask = (
  method: string,
  rawUrl: string,
  stringToSign: string,
  headers: Message['headers'] = [],
): Message => ({
  method,
  rawUrl,
  headers: [
    ['host', 's3.test'],
    ...headers,
    ['authorization', `AWS ${EXAMPLE.accessKeyId}:${sign(stringToSign)}`],
  ],
  frames: [],
})
const DATE = 'Mon, 23 Nov 2026 12:00:00 GMT'

for (const message of VERSION_2_VECTORS) {
  test(`botocore's ${message.name} is accepted with the setting on, and refused without it`, async () => {
    const temporary = message.name.includes('temporary') ? { sessionToken: 'a/token+=' } : {}
    const { principal, form } = await authenticate(at(now, {}, temporary), message)
    assert.equal(principal.accessKeyId, EXAMPLE.accessKeyId)
    assert.equal(form, message.rawUrl.includes('Signature=') ? 'query' : 'header')
    assert.deepEqual((await read(at(now, {}, temporary), message)).bytes, Buffer.concat(message.frames))

    const { code, message: told } = await refusal(authenticatorAt(now, {}, temporary), message)
    assert.equal(code, 'InvalidRequest')
    assert.match(
      told,
      /^The authorization mechanism you have provided is not supported\. Please use AWS4-HMAC-SHA256\./,
    )
    assert.match(
      told,
      /signature_version = s3v4 in the client.*--signature-v2 \(signatureV2: true in the adapter\)/,
    )
  })
}

// Source: S3 User Guide, "Signing and authenticating REST requests (AWS signature version 2)".
test('the published examples are accepted', async () => {
  const host = ['Host', 'johnsmith.s3.amazonaws.com'] as const
  const cases: [
    date: string,
    Omit<Message, 'frames' | 'headers'> & { headers?: Message['headers'] },
    string,
  ][] = [
    [
      'Tue, 27 Mar 2007 19:36:42 +0000',
      { method: 'GET', rawUrl: '/photos/puppy.jpg' },
      'bWq2s1WEIj+Ydj0vQ697zp+IXMU=',
    ],
    [
      'Tue, 27 Mar 2007 21:15:45 +0000',
      { method: 'PUT', rawUrl: '/photos/puppy.jpg', headers: [['Content-Type', 'image/jpeg']] },
      'MyyxeRY7whkBe+bq8fHCL/2kKUg=',
    ],
    [
      'Tue, 27 Mar 2007 19:42:41 +0000',
      { method: 'GET', rawUrl: '/?prefix=photos&max-keys=50&marker=puppy' },
      'htDYFYduRNen8P9ZfE/s9SuKy0U=',
    ],
    ['Tue, 27 Mar 2007 19:44:46 +0000', { method: 'GET', rawUrl: '/?acl' }, 'c2WLPFtWHVgbEmeEG93a4cG37dM='],
  ]
  const published = (date: string) => at(Date.parse(date), { domains: ['s3.amazonaws.com'] })
  for (const [date, { headers = [], ...message }, signature] of cases) {
    const authorization = ['Authorization', `AWS ${EXAMPLE.accessKeyId}:${signature}`] as const
    const sent = {
      ...message,
      headers: [host, ['Date', date] as const, ...headers, authorization],
      frames: [],
    }
    assert.equal(await outcome(published(date), sent), 'accepted', message.rawUrl)
  }
  const query = `AWSAccessKeyId=${EXAMPLE.accessKeyId}&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620`
  const url = { method: 'GET', rawUrl: `/photos/puppy.jpg?${query}`, headers: [host], frames: [] }
  assert.equal(await outcome(published('Thu, 29 Mar 2007 03:40:19 +0000'), url), 'accepted')
  assert.equal(await outcome(published('Thu, 29 Mar 2007 03:40:20 +0000'), url), 'AccessDenied')
})

test('whatever is signed and changed is refused, by header and by query', async () => {
  const changes: [string, Message][] = [
    ['method', { ...put, method: 'POST' }],
    ['path', { ...put, rawUrl: `${put.rawUrl}-` }],
    ['bucket', { ...put, rawUrl: put.rawUrl.replace('bucket', 'other') }],
    ['bucket by host', withHeader(put, 'host', 'other.s3.test')],
    ['a signed name of the query', { ...put, rawUrl: `${put.rawUrl}?acl` }],
    ['content-type', withHeader(put, 'Content-Type', 'text/html')],
    ['content-md5', withHeader(put, 'content-md5', 'XUFAKrxLKna5cZ2REBfFkg==')],
    ['a header', withHeader(put, 'x-amz-meta-colour', 'red')],
    ['a header less', withHeader(put, 'x-amz-meta-colour', undefined)],
    ['a header more', withHeader(put, 'x-amz-acl', 'public-read')],
    ['the date', withHeader(put, 'Date', 'Mon, 23 Nov 2026 12:00:01 GMT')],
    ['x-amz-date', withHeader(put, 'x-amz-date', '20261123T120000Z')],
    ['the expiry', { ...presigned, rawUrl: presigned.rawUrl.replace('Expires=17', 'Expires=27') }],
    ['a header more in the query', { ...presigned, rawUrl: `${presigned.rawUrl}&x-amz-acl=public-read` }],
    ['a type in the query', { ...presigned, rawUrl: `${presigned.rawUrl}&content-type=text/html` }],
    ['an override', { ...presigned, rawUrl: `${presigned.rawUrl}&response-content-type=text/html` }],
    ['a version', { ...presigned, rawUrl: `${presigned.rawUrl}&versionId=null` }],
    ['the signature', { ...presigned, rawUrl: presigned.rawUrl.replace('Signature=TeM', 'Signature=TeN') }],
    [
      'the length of the signature',
      { ...presigned, rawUrl: presigned.rawUrl.replace('Signature=TeM', 'Signature=T') },
    ],
  ]
  for (const [what, message] of changes) {
    const { code, elements } = await refusal(authenticator, message)
    assert.equal(code, 'SignatureDoesNotMatch', what)
    assert.match(elements.StringToSign!, /^[A-Z]+\n/)
  }
  const wrong = at(now, {
    credentials: { findCredentials: () => ({ secretAccessKey: 'w', ownerId: 'o', displayName: 'o' }) },
  })
  assert.equal(await outcome(wrong, put), 'SignatureDoesNotMatch')
  assert.equal(
    await outcome(at(now, { credentials: { findCredentials: () => undefined } }), put),
    'InvalidAccessKeyId',
  )
})

test('a header may be as old as the clock may be wrong, by Date or by x-amz-date', async () => {
  for (const [difference, expected] of [
    [15 * MINUTE, 'accepted'],
    [15 * MINUTE + 1_000, 'RequestTimeTooSkewed'],
  ] as const) {
    for (const time of [now + difference, now - difference])
      assert.equal(await outcome(at(time), put), expected)
  }
  // x-amz-date is among the headers, so that the line of Date is left empty; its own time counts.
  const text = 'GET\n\n\n\nx-amz-date:20261123T120000Z\n/bucket/key'
  const dated = ask('GET', '/bucket/key', text, [
    ['x-amz-date', '20261123T120000Z'],
    ['date', 'Mon, 01 Jan 2001 00:00:00 GMT'],
  ])
  assert.equal(await outcome(authenticator, dated), 'accepted')
  assert.equal(await outcome(at(now + 16 * MINUTE), dated), 'RequestTimeTooSkewed')
  assert.equal(
    await outcome(authenticator, ask('GET', '/bucket/key', 'GET\n\n\n\n/bucket/key')),
    'AccessDenied',
  )
})

test('a URL ends at its second, and a wrong one says what is wrong', async () => {
  assert.equal(await outcome(at(now + 599_999), presigned), 'accepted')
  const expired = await refusal(at(now + 600_000), presigned)
  assert.deepEqual([expired.code, expired.message], ['AccessDenied', 'Request has expired'])
  assert.deepEqual(expired.elements, { Expires: '2026-11-23T12:10:00Z', ServerTime: '2026-11-23T12:10:00Z' })
  const cases: [from: RegExp, to: string, says: RegExp][] = [
    [/&Expires=\d+/, '', /requires the Signature, Expires and AWSAccessKeyId parameters/],
    [/AWSAccessKeyId=\w+&/, '', /requires the Signature, Expires and AWSAccessKeyId parameters/],
    [/&Signature=[^&]+/, '', /requires the Signature, Expires and AWSAccessKeyId parameters/],
    [/Expires=\d+/, 'Expires=soon', /^Invalid date \(should be seconds since epoch\): soon$/],
    [/Expires=\d+/, 'Expires=-1', /^Invalid date/],
    [/Expires=\d+/, `Expires=${'9'.repeat(13)}`, /^Invalid date/],
    [/$/, '&Expires=1', /^Expires is given twice/],
  ]
  for (const [from, to, says] of cases) {
    const error = await refusal(authenticator, { ...presigned, rawUrl: presigned.rawUrl.replace(from, to) })
    assert.equal(error.code, 'AccessDenied')
    assert.match(error.message, says)
  }
})

test('a header that is no version 2, and two mechanisms at once, are refused', async () => {
  for (const text of ['AWS AKID', 'AWS AKID:', 'AWS :c2ln', 'AWS AKID:c2ln more']) {
    const { code, message } = await refusal(authenticator, withHeader(put, 'Authorization', text))
    assert.deepEqual([code, /AwsAccessKeyId:signature$/.test(message)], ['InvalidArgument', true], text)
  }
  const authorization = put.headers.find(([name]) => name === 'Authorization')!
  const both = { ...presigned, headers: [...presigned.headers, authorization] }
  assert.equal(await outcome(authenticator, both), 'InvalidArgument')
  const mixed = { ...presigned, rawUrl: `${presigned.rawUrl}&X-Amz-Signature=0` }
  assert.equal(await outcome(authenticator, mixed), 'InvalidArgument')
})

test('a sub-resource without a value may be sent and signed with an equals sign or without', async () => {
  for (const rawUrl of ['/bucket?acl', '/bucket?acl=']) {
    for (const signed of ['/bucket?acl', '/bucket?acl='])
      assert.equal(
        await outcome(authenticator, ask('GET', rawUrl, `GET\n\n\n${DATE}\n${signed}`, [['date', DATE]])),
        'accepted',
      )
  }
})

test('a bucket may be signed with the slash that was not sent, and a key never', async () => {
  const message = (rawUrl: string, resource: string) =>
    ask('GET', rawUrl, `GET\n\n\n${DATE}\n${resource}`, [['date', DATE]])
  assert.equal(await outcome(authenticator, message('/bucket', '/bucket/')), 'accepted')
  assert.equal(await outcome(at(now, { basePath: '/a/' }), message('/a/bucket', '/a/bucket/')), 'accepted')
  for (const [rawUrl, resource] of [
    ['/bucket/key', '/bucket/key/'],
    ['/bucket/key/', '/bucket/key'],
    ['/bucket/', '/bucket'],
  ] as const)
    assert.equal(await outcome(authenticator, message(rawUrl, resource)), 'SignatureDoesNotMatch')
  const byHost = withHeader(message('/key', '/bucket/key/'), 'host', 'bucket.s3.test')
  assert.equal(await outcome(authenticator, byHost), 'SignatureDoesNotMatch')
})

test('a plus that a URL left unencoded in its signature is a plus', async () => {
  const signed = VERSION_2_VECTORS.find(({ rawUrl }) => /Signature=[^&]*%2B/.test(rawUrl))!
  assert.equal(
    await outcome(authenticator, { ...signed, rawUrl: signed.rawUrl.replaceAll('%2B', '+') }),
    'accepted',
  )
})

test('a line break cannot make one line pose as two', async () => {
  const text = `PUT\n\n\n${Math.floor(now / 1_000) + 60}\nx-amz-meta-a:b\nx-amz-meta-c:d\n/bucket/key`
  const query = new URLSearchParams({
    'x-amz-meta-a': 'b\nx-amz-meta-c:d',
    AWSAccessKeyId: EXAMPLE.accessKeyId,
    Expires: String(Math.floor(now / 1_000) + 60),
    Signature: sign(text),
  })
  const message = {
    method: 'PUT',
    rawUrl: `/bucket/key?${query}`,
    headers: [['host', 'h']] as const,
    frames: [],
  }
  assert.equal(await outcome(authenticator, message), 'InvalidArgument')
})

test('the hash of the body is held to when it is there, and chunks cannot be signed', async () => {
  const hello = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
  const upload = (sha256: string): Message => ({
    ...ask('PUT', '/bucket/key', `PUT\n\n\n${DATE}\nx-amz-content-sha256:${sha256}\n/bucket/key`, [
      ['date', DATE],
      ['content-length', '5'],
      ['x-amz-content-sha256', sha256],
    ]),
    frames: [Buffer.from('hello')],
  })
  assert.equal(await outcome(authenticator, upload(hello)), 'accepted')
  assert.equal(await outcome(authenticator, upload('UNSIGNED-PAYLOAD')), 'accepted')
  const altered = { ...upload(hello), frames: [Buffer.from('hellO')] }
  assert.equal(await outcome(authenticator, altered), 'XAmzContentSHA256Mismatch')
  for (const mode of ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER'])
    assert.equal(await outcome(authenticator, upload(mode)), 'InvalidRequest')
})

test('what a URL carries for headers is read as headers, and what is not signed is told', async () => {
  const { headers, unsignedParameters } = await authenticate(
    authenticator,
    withHeader(vector('a presigned put with a type and metadata'), 'Content-Type', undefined),
  )
  assert.equal(headers.get('content-type'), 'text/plain')
  assert.equal(headers.get('x-amz-meta-colour'), 'green')
  assert.ok(!unsignedParameters!.has('versionId'))
  const listing = await authenticate(authenticator, vector('a listing'))
  assert.ok(listing.unsignedParameters!.has('prefix'))
  const odd = { ...presigned, rawUrl: `${presigned.rawUrl}&retention&if-match=x` }
  const added = await authenticate(authenticator, odd)
  assert.ok(added.unsignedParameters!.has('retention'))
  assert.equal(added.headers.has('if-match'), false)
})

test('what only another store can say is refused: nobody can have signed it', async () => {
  const added = await refusal(authenticator, withHeader(put, 'X-Minio-Source-Replication-Request', 'true'))
  assert.equal(added.code, 'AccessDenied')
  assert.deepEqual(added.elements, { HeadersNotSigned: 'x-minio-source-replication-request' })
})

test('behind a proxy that strips a path and changes the host, the public URL makes signatures hold', async () => {
  const text = `GET\n\n\n${DATE}\n/store/bucket/key`
  const arriving = ask('GET', '/bucket/key', text, [['date', DATE]])
  assert.equal(await outcome(authenticator, arriving), 'SignatureDoesNotMatch')
  assert.equal(await outcome(at(now, { publicUrl: 'https://out.example/store' }), arriving), 'accepted')
})

const settings: AuthSettings = {
  signatureV2: true,
  now: () => now,
  credentials: {
    findCredentials: () => ({ secretAccessKey: EXAMPLE.secretAccessKey, ownerId: 'o', displayName: 'o' }),
  },
}
const explain = ({ method, rawUrl, headers }: Message, claimed?: string) =>
  explainSignature({ method, rawUrl, rawHeaders: headers, secure: false }, settings, claimed)

test('why a signature does not match is found out for version 2 as well', async () => {
  assert.deepEqual((await explain(put)).findings, ['The signature matches.'])
  const cases: [Message, RegExp, string][] = [
    [
      withHeader(put, 'Content-Type', 'text/html'),
      /signed content-type: "text\/plain"/,
      'header content-type',
    ],
    [vector('a get by virtual host'), /name the rest of the host as a domain of the server/, 'resource'],
    [{ ...put, method: 'POST' }, /signed the method PUT/, 'method'],
    [{ ...presigned, rawUrl: presigned.rawUrl.replace(/\?/, '?acl&') }, /did not sign the query/, 'resource'],
  ]
  for (const [message, finding, part] of cases) {
    const { matches, findings, rows } = await explain(message)
    assert.equal(matches, false)
    assert.match(findings.join('\n'), finding)
    assert.deepEqual(
      rows.filter(({ same }) => !same).map((row) => row.part),
      [part],
    )
  }
  const arrived = withHeader(presigned, 'x-amz-acl', 'private')
  const text = 'GET\n\n\n1795435800\n/bucket/pre%20signed/%C3%A9%2B.bin'
  const compared = formatExplanation(await explain(arrived, text))
  assert.match(compared, /right secret access key.*\nThe first difference is the header x-amz-acl\./)
  assert.match(compared, /≠ header x-amz-acl +here +private\n +client +\(absent\)/)
  const unexplained = formatExplanation(await explain(arrived))
  assert.match(unexplained, /None of the usual[\s\S]*The string to sign made here:\nGET\n/)
  const off = await explainSignature(
    { ...put, rawHeaders: put.headers, secure: false },
    { ...settings, signatureV2: false },
  )
  assert.match(off.findings[0]!, /^InvalidRequest: .*--signature-v2/)
})

const authorization = put.headers.find(([name]) => name === 'Authorization')![1]

fuzz(
  'no version 2 header but the one that was signed is taken for a signature',
  fc.oneof(mutated(authorization), wordSalad(['AWS ', EXAMPLE.accessKeyId, ':', ' ', '=', 'a+/'])),
  async (text) => {
    const result = await outcome(authenticator, withHeader(put, 'Authorization', text))
    if (result === 'accepted') assert.equal(text.trim().replace(/^AWS +/, 'AWS '), authorization)
  },
)

fuzz(
  'no version 2 URL but one of the same meaning is taken for a signature, and explaining it never fails',
  mutated(presigned.rawUrl),
  async (rawUrl) => {
    const message = { ...presigned, rawUrl }
    await explain(message)
    if ((await outcome(authenticator, message)) !== 'accepted') return
    const { principal } = await authenticate(authenticator, message)
    if (principal.anonymous) return
    assert.equal(signedMeaningOf(rawUrl), signedMeaningOf(presigned.rawUrl))
  },
)

/** What else is in the query asks for nothing that was not granted. */
const signedMeaningOf = (rawUrl: string): string => {
  const [path, ...query] = rawUrl.split('?')
  const parameters = new URLSearchParams(query.join('?'))
  const signed = ['AWSAccessKeyId', 'Expires'].map((name) => parameters.getAll(name))
  return JSON.stringify([decodeURIComponent(path!), signed])
}
