import assert from 'node:assert/strict'
import test from 'node:test'
import type { S3HandlerOptions } from '@aquifer/http-adapter'
import { type Answered, S3InMemory, texts } from './s3-in-memory.js'

const origin = 'https://app.example'
const document = `<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <CORSRule>
    <ID>writers</ID>
    <AllowedOrigin>${origin}</AllowedOrigin><AllowedOrigin>https://*.app.example</AllowedOrigin>
    <AllowedMethod>PUT</AllowedMethod><AllowedMethod>POST</AllowedMethod><AllowedMethod>GET</AllowedMethod>
    <AllowedHeader>Content-*</AllowedHeader><AllowedHeader>x-amz-*</AllowedHeader>
    <ExposeHeader>ETag</ExposeHeader><ExposeHeader>x-amz-version-id</ExposeHeader>
    <MaxAgeSeconds>3000</MaxAgeSeconds>
  </CORSRule>
  <CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedMethod>HEAD</AllowedMethod></CORSRule>
</CORSConfiguration>`
const variesBy = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method'

async function withRules(options: Partial<S3HandlerOptions> = {}): Promise<S3InMemory> {
  const s3 = await S3InMemory.open(options)
  await s3.engine.createBucket('ruled')
  await s3.engine.createBucket('plain')
  for (const bucket of ['ruled', 'plain']) await s3.engine.bucket(bucket).put('k', Buffer.from('bytes'))
  assert.equal((await s3.ask('PUT', '/ruled?cors', { body: document })).status, 200)
  return s3
}

/** Of an answer, what a browser decides by. */
const access = ({ headers }: Answered): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith('access-control-') || name === 'vary')
      .map(([name, value]) => [name.replace('access-control-', ''), value]),
  )

const writers = {
  'allow-origin': origin,
  'allow-methods': 'PUT, POST, GET',
  'expose-headers': 'ETag, x-amz-version-id',
  'max-age': '3000',
  'allow-credentials': 'true',
  vary: variesBy,
}
const anybody = { 'allow-origin': '*', 'allow-methods': 'GET, HEAD', vary: variesBy }
const nobody = { vary: 'Origin' }

test('rules are given back as they were put, and taken away', async () => {
  await using s3 = await withRules()
  const got = await s3.ask('GET', '/ruled?cors')
  assert.equal(got.status, 200)
  assert.equal(
    got.text.replace(/^.*?<CORSRule>/s, '<CORSRule>'),
    `<CORSRule><ID>writers</ID><AllowedHeader>Content-*</AllowedHeader><AllowedHeader>x-amz-*</AllowedHeader><AllowedMethod>PUT</AllowedMethod><AllowedMethod>POST</AllowedMethod><AllowedMethod>GET</AllowedMethod><AllowedOrigin>${origin}</AllowedOrigin><AllowedOrigin>https://*.app.example</AllowedOrigin><ExposeHeader>ETag</ExposeHeader><ExposeHeader>x-amz-version-id</ExposeHeader><MaxAgeSeconds>3000</MaxAgeSeconds></CORSRule><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedMethod>HEAD</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>`,
  )
  assert.equal((await s3.ask('PUT', '/plain?cors', { body: got.text })).status, 200)
  assert.equal((await s3.ask('GET', '/plain?cors')).text, got.text)
  assert.equal((await s3.ask('DELETE', '/ruled?cors')).status, 204)
  const gone = await s3.ask('GET', '/ruled?cors')
  assert.deepEqual([gone.status, gone.code], [404, 'NoSuchCORSConfiguration'])
  assert.deepEqual(texts(gone.text, 'BucketName'), ['ruled'])
  assert.equal((await s3.ask('DELETE', '/ruled?cors')).status, 204)
  for (const method of ['GET', 'PUT', 'DELETE'])
    assert.equal((await s3.ask(method, '/missing?cors', { body: document })).code, 'NoSuchBucket')
})

const rule = (content: string): string =>
  `<CORSConfiguration><CORSRule>${content}</CORSRule></CORSConfiguration>`
const from = '<AllowedOrigin>*</AllowedOrigin>'
const get = '<AllowedMethod>GET</AllowedMethod>'
const refused: [what: string, document: string, code: string, message?: RegExp][] = [
  ['no rules', '<CORSConfiguration/>', 'MalformedXML'],
  ['another root', '<Cors/>', 'MalformedXML'],
  ['no origin', rule(get), 'MalformedXML'],
  ['no method', rule(from), 'MalformedXML'],
  ['an age that is no number', rule(`${from}${get}<MaxAgeSeconds>1h</MaxAgeSeconds>`), 'MalformedXML'],
  ['a negative age', rule(`${from}${get}<MaxAgeSeconds>-1</MaxAgeSeconds>`), 'MalformedXML'],
  [
    'OPTIONS',
    rule(`${from}<AllowedMethod>OPTIONS</AllowedMethod>`),
    'InvalidRequest',
    /Unsupported method is OPTIONS/,
  ],
  [
    'two wildcards',
    rule(`<AllowedOrigin>http://*.*</AllowedOrigin>${get}`),
    'InvalidRequest',
    /more than one wildcard/,
  ],
  [
    'a header exposed by wildcard',
    rule(`${from}${get}<ExposeHeader>*</ExposeHeader>`),
    'InvalidRequest',
    /wildcard for ExposeHeader/,
  ],
  [
    'a line break in an exposed header',
    rule(`${from}${get}<ExposeHeader>a&#13;&#10;b: c</ExposeHeader>`),
    'InvalidRequest',
  ],
  [
    '101 rules',
    `<CORSConfiguration>${`<CORSRule>${from}${get}</CORSRule>`.repeat(101)}</CORSConfiguration>`,
    'InvalidRequest',
    /limit of 100 rules/,
  ],
  ['more than 64 KiB', rule(`${from}${get}${' '.repeat(65_536)}`), 'MaxMessageLengthExceeded'],
]
for (const [what, body, code, message = /./] of refused)
  test(`rules with ${what} are refused, and those that are there stay`, async () => {
    await using s3 = await withRules()
    const answer = await s3.ask('PUT', '/ruled?cors', { body })
    assert.deepEqual([answer.status, answer.code], [400, code], answer.text)
    assert.match(texts(answer.text, 'Message')[0]!, message)
    assert.match((await s3.ask('GET', '/ruled?cors')).text, /writers/)
  })

const asked: [
  what: string,
  method: string,
  url: string,
  headers: Record<string, string>,
  status: number,
  access: Record<string, string>,
][] = [
  ['an object', 'GET', '/ruled/k', { origin }, 200, writers],
  [
    'an object by a subdomain',
    'GET',
    '/ruled/k',
    { origin: 'https://a.app.example' },
    200,
    { ...writers, 'allow-origin': 'https://a.app.example' },
  ],
  ['an object by anybody', 'GET', '/ruled/k', { origin: 'https://else.example' }, 200, anybody],
  ['an object by a page of a file', 'GET', '/ruled/k', { origin: 'null' }, 200, anybody],
  ['its head, which the first rule does not have', 'HEAD', '/ruled/k', { origin }, 200, anybody],
  ['a write', 'PUT', '/ruled/new', { origin }, 200, writers],
  ['a write by anybody', 'PUT', '/ruled/new', { origin: 'https://else.example' }, 200, nobody],
  ['a delete, which no rule has', 'DELETE', '/ruled/new', { origin }, 204, nobody],
  ['what is not there', 'GET', '/ruled/missing', { origin }, 404, writers],
  ['what has not changed', 'GET', '/ruled/k', { origin, 'if-none-match': '*' }, 304, writers],
  ['a range beyond the end', 'GET', '/ruled/k', { origin, range: 'bytes=99-' }, 416, writers],
  ['a condition that does not hold', 'PUT', '/ruled/k', { origin, 'if-none-match': '*' }, 412, writers],
  ['a listing', 'GET', '/ruled?list-type=2', { origin }, 200, writers],
  ['an operation that is refused', 'GET', '/ruled?acl&policy', { origin }, 400, writers],
  ['without an origin', 'GET', '/ruled/k', {}, 200, nobody],
  ['a bucket without rules', 'GET', '/plain/k', { origin }, 200, nobody],
  ['no bucket', 'GET', '/', { origin }, 200, nobody],
  ['a bucket that is not there', 'GET', '/missing/k', { origin }, 404, nobody],
]
for (const [what, method, url, headers, status, wanted] of asked)
  test(`a page asks for ${what}`, async () => {
    await using s3 = await withRules()
    const answer = await s3.ask(method, url, { headers, ...(method === 'PUT' ? { body: 'b' } : {}) })
    assert.equal(answer.status, status, answer.text)
    assert.deepEqual(access(answer), wanted)
  })

test('a page is told of a signature that does not hold', async () => {
  await using s3 = await S3InMemory.open({ credentials: { findCredentials: () => undefined } })
  await s3.engine.createBucket('ruled')
  await s3.engine
    .bucket('ruled')
    .setConfiguration('cors', [{ allowedOrigins: [origin], allowedMethods: ['GET'] }])
  const query =
    'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20261123%2Fus-east-1%2Fs3%2Faws4_request'
  for (const [url, code] of [
    [`/ruled/k?${query}`, 'AuthorizationQueryParametersError'],
    ['/ruled/k', 'AccessDenied'],
    ['/ruled/%zz', 'InvalidURI'],
  ] as const) {
    const answer = await s3.ask('GET', url, { headers: { origin } })
    assert.equal(answer.code, code)
    assert.equal(
      answer.headers['access-control-allow-origin'],
      code === 'InvalidURI' ? undefined : origin,
      url,
    )
  }
})

const ask = (method: string, names?: string, by = origin): Record<string, string> => ({
  origin: by,
  'access-control-request-method': method,
  ...(names === undefined ? {} : { 'access-control-request-headers': names }),
})

test('a preflight question is answered by the first rule that fits all of it', async () => {
  await using s3 = await withRules()
  const { status, headers, text, ...answer } = await s3.ask('OPTIONS', '/ruled/a/new%20key', {
    headers: ask('PUT', 'Content-Type, X-Amz-Date,x-amz-date'),
  })
  assert.deepEqual([status, text, headers['content-length']], [200, '', '0'])
  assert.deepEqual(access({ status, headers, text, ...answer }), {
    ...writers,
    'allow-headers': 'content-type, x-amz-date',
  })
  const anyone = await s3.ask('OPTIONS', '/ruled', { headers: ask('HEAD') })
  assert.deepEqual([anyone.status, access(anyone)], [200, anybody])
})

const questions: [
  what: string,
  url: string,
  headers: Record<string, string>,
  status: number,
  code: string,
  message: RegExp,
  type?: string,
][] = [
  [
    'without an origin',
    '/ruled/k',
    { 'access-control-request-method': 'GET' },
    400,
    'BadRequest',
    /^Insufficient information. Origin request header needed.$/,
  ],
  [
    'without a method',
    '/ruled/k',
    { origin },
    400,
    'BadRequest',
    /^Invalid Access-Control-Request-Method: null$/,
  ],
  [
    'for a method that is none of S3',
    '/ruled/k',
    ask('PATCH'),
    400,
    'BadRequest',
    /^Invalid Access-Control-Request-Method: PATCH$/,
  ],
  [
    'for a header that is not allowed',
    '/ruled/k',
    ask('PUT', 'content-type,authorization'),
    403,
    'AccessForbidden',
    /^CORSResponse: This CORS request is not allowed\./,
    'OBJECT',
  ],
  [
    'by an origin that is not allowed',
    '/ruled',
    ask('PUT', undefined, 'https://else.example'),
    403,
    'AccessForbidden',
    /^CORSResponse: This CORS request is not allowed\./,
    'BUCKET',
  ],
  [
    'for more headers than anyone sends',
    '/ruled/k',
    ask('PUT', Array.from({ length: 129 }, (_, at) => `x-amz-${at}`).join()),
    403,
    'AccessForbidden',
    /not allowed/,
    'OBJECT',
  ],
  [
    'about a bucket without rules',
    '/plain/k',
    ask('GET'),
    403,
    'AccessForbidden',
    /^CORSResponse: CORS is not enabled for this bucket\.$/,
    'OBJECT',
  ],
  [
    'about no such bucket',
    '/missing/k',
    ask('GET'),
    403,
    'AccessForbidden',
    /^CORSResponse: Bucket not found$/,
    'OBJECT',
  ],
]
for (const [what, url, headers, status, code, message, type] of questions)
  test(`a preflight question ${what} is refused`, async () => {
    await using s3 = await withRules()
    const answer = await s3.ask('OPTIONS', url, { headers })
    assert.deepEqual([answer.status, answer.code], [status, code], answer.text)
    assert.match(texts(answer.text, 'Message')[0]!, message)
    if (type !== undefined)
      assert.deepEqual(
        [texts(answer.text, 'Method'), texts(answer.text, 'ResourceType')],
        [[headers['access-control-request-method']], [type]],
      )
    assert.deepEqual(access(answer), nobody)
  })

test('a server-wide origin may do everything where a bucket has no rules, and nothing more where it has', async () => {
  await using s3 = await withRules({ corsOrigins: ['https://*.own.example'] })
  const own = { origin: 'https://a.own.example' }
  const read = await s3.ask('GET', '/plain/k', { headers: own })
  assert.equal(read.headers['access-control-allow-origin'], 'https://a.own.example')
  assert.equal(read.headers['access-control-allow-credentials'], 'true')
  assert.equal(read.headers['access-control-allow-methods'], 'GET, PUT, POST, DELETE, HEAD')
  for (const name of ['etag', 'x-amz-request-id', 'content-length', 'last-modified'])
    assert.ok(read.headers['access-control-expose-headers']!.split(', ').includes(name), name)
  const question = await s3.ask('OPTIONS', '/plain/k', { headers: ask('DELETE', 'X-Anything', own.origin) })
  assert.deepEqual([question.status, question.headers['access-control-allow-headers']], [200, 'x-anything'])
  for (const url of ['/', '/missing/k', '/missing'])
    assert.equal(
      (await s3.ask('GET', url, { headers: own })).headers['access-control-allow-origin'],
      own.origin,
      url,
    )
  assert.equal((await s3.ask('OPTIONS', '/missing', { headers: ask('PUT', 'a', own.origin) })).status, 200)
  assert.equal((await s3.ask('OPTIONS', '/ruled', { headers: ask('PUT', 'a', own.origin) })).status, 403)
  assert.deepEqual(access(await s3.ask('GET', '/ruled/k', { headers: own })), anybody)
  assert.deepEqual(access(await s3.ask('GET', '/plain/k', { headers: { origin } })), nobody)
})

test('a server-wide * lets every page in without credentials', async () => {
  await using s3 = await S3InMemory.open({ corsOrigins: ['*'], profile: 'express' })
  const { headers } = await s3.ask('GET', '/', { headers: { origin } })
  assert.deepEqual(
    [headers['access-control-allow-origin'], headers['access-control-allow-credentials']],
    ['*', undefined],
  )
  const question = await s3.ask('OPTIONS', '/bucket/k', { headers: ask('PUT', 'content-type') })
  assert.deepEqual([question.status, question.headers['access-control-allow-origin']], [200, '*'])
})

test('an origin with two wildcards is a mistake of whoever makes the handler', async () => {
  await assert.rejects(S3InMemory.open({ corsOrigins: ['https://*.*'] }), TypeError)
})
