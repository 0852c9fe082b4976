import assert from 'node:assert/strict'
import test from 'node:test'
import type { Credentials, S3HandlerOptions } from '@aquifer/http-adapter'
import { EXAMPLE } from './auth/requests.js'
import {
  contentType,
  FILENAME,
  type Fields,
  type FormFile,
  fileParts,
  formBody,
  signForm,
  signFormVersion2,
  type ToSignForm,
} from './forms.js'
import { type Answered, type Asked, S3InMemory, texts } from './s3-in-memory.js'
import { signMessage } from './signing-client.js'

const now = Date.UTC(2026, 10, 23, 12)
const date = new Date(now)
const host = 's3.test:9000'

async function signed(
  options: Partial<S3HandlerOptions> = {},
  temporary: Partial<Credentials> = {},
): Promise<S3InMemory> {
  const s3 = await S3InMemory.open({
    now: () => now,
    credentials: {
      findCredentials: (accessKeyId) =>
        accessKeyId === EXAMPLE.accessKeyId
          ? {
              secretAccessKey: EXAMPLE.secretAccessKey,
              ownerId: 'owner-id',
              displayName: 'owner',
              ...temporary,
            }
          : undefined,
    },
    ...options,
  })
  for (const bucket of ['bucket', 'other']) await s3.engine.createBucket(bucket)
  await s3.engine.createBucket('locked', { objectLock: true })
  return s3
}

const post = (
  s3: S3InMemory,
  body: Uint8Array,
  asked: Partial<Asked> & { url?: string } = {},
): Promise<Answered> =>
  s3.ask('POST', asked.url ?? '/bucket', {
    ...asked,
    body,
    headers: { 'content-type': contentType, ...asked.headers },
  })

/** Fields that a policy allows, each with a condition of its own, and signed. */
const allowing = (fields: Fields, more: Partial<ToSignForm> = {}, bucket = 'bucket'): Fields => [
  ...fields,
  ...signForm({
    date,
    ...more,
    conditions: [
      { bucket },
      ...fields.map(([name, value]) =>
        name === 'key' ? ['starts-with', '$key', ''] : { [name]: String(value) },
      ),
      ...(more.conditions ?? []),
    ],
  }),
]

const file: FormFile = { bytes: 'the bytes of a file' }

const messageOf = ({ text }: Answered): string =>
  texts(text, 'Message')[0]!.replaceAll('&apos;', "'").replaceAll('&quot;', '"')

const read = async (s3: S3InMemory, key: string, bucket = 'bucket') => {
  const found = await s3.engine.bucket(bucket).get(key)
  return { text: Buffer.from(await found.bytes()).toString(), info: found.info }
}

/** What a bucket holds, so that it can be said that a refusal left nothing. */
async function keys(s3: S3InMemory, bucket = 'bucket'): Promise<string[]> {
  const { entries } = await s3.engine.bucket(bucket).list().page()
  return entries.map((entry) => (entry.type === 'object' ? entry.info.key : entry.prefix))
}

test('a signed form stores its file, and what it says of it', async () => {
  await using s3 = await signed()
  const fields = allowing([
    ['key', 'user/ü.txt'],
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Disposition', 'attachment; filename="ü.txt"'],
    ['Cache-Control', 'max-age=60'],
    ['Content-Language', 'de'],
    ['Content-Encoding', 'identity'],
    ['Expires', 'never'],
    ['X-Amz-Meta-Size', 'größer'],
    ['x-amz-storage-class', 'STANDARD_IA'],
    ['x-amz-website-redirect-location', '/elsewhere'],
    ['acl', 'private'],
    [
      'tagging',
      '<Tagging><TagSet><Tag><Key>a b</Key><Value>1+1=2</Value></Tag><Tag><Key>ü</Key><Value></Value></Tag></TagSet></Tagging>',
    ],
  ])
  const answer = await post(s3, formBody(fields, file))
  assert.deepEqual([answer.status, answer.text], [204, ''], answer.text)
  assert.equal(answer.headers.location, `http://${host}/bucket/user/%C3%BC.txt`)
  const { text, info } = await read(s3, 'user/ü.txt')
  assert.equal(text, 'the bytes of a file')
  assert.equal(answer.headers.etag, `"${info.etag}"`)
  assert.equal(info.ownerId, 'owner-id')
  assert.deepEqual(info.metadata, { size: 'größer' })
  assert.deepEqual(await s3.engine.bucket('bucket').getTags('user/ü.txt'), { 'a b': '1+1=2', ü: '' })
  const { headers } = await s3InHands(s3, 'user/%C3%BC.txt')
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8')
  assert.equal(
    Buffer.from(headers['content-disposition']!, 'latin1').toString(),
    'attachment; filename="ü.txt"',
  )
  assert.equal(headers['cache-control'], 'max-age=60')
  assert.equal(headers['content-language'], 'de')
  assert.equal(headers['content-encoding'], 'identity')
  assert.equal(headers.expires, 'never')
  assert.equal(headers['x-amz-storage-class'], 'STANDARD_IA')
  assert.equal(headers['x-amz-website-redirect-location'], '/elsewhere')
})

/** The head of an object, asked for with the key of the examples. */
async function s3InHands(s3: S3InMemory, path: string): Promise<Answered> {
  const message = signMessage(EXAMPLE, {
    form: 'header',
    method: 'HEAD',
    host,
    path: `/bucket/${path}`,
    payload: 'unsigned',
    date,
  })
  return s3.ask('HEAD', message.rawUrl, { headers: Object.fromEntries(message.headers) })
}

test("the file part's own type counts for nothing, and without one it is S3's", async () => {
  await using s3 = await signed()
  await post(s3, formBody(allowing([['key', 'k']]), { ...file, type: 'image/png' }))
  assert.equal((await s3InHands(s3, 'k')).headers['content-type'], 'binary/octet-stream')
})

for (const [filename, name] of [
  ['a.txt', 'a.txt'],
  ['C:\\\\Files\\\\a b.txt', 'a b.txt'],
  ['/home/me/ü.txt', 'ü.txt'],
  ['..', '..'],
  ['', ''],
  ['$&', '$&'],
] as const)
  test(`a key takes the file's name "${name}" from "${filename}"`, async () => {
    await using s3 = await signed()
    const fields: Fields = [
      ['key', `up/${FILENAME}-${FILENAME}`],
      ...signForm({ date, conditions: [{ bucket: 'bucket' }, ['starts-with', '$key', `up/${name}-`]] }),
    ]
    const answer = await post(s3, formBody(fields, { ...file, filename }))
    assert.equal(answer.status, 204, answer.text)
    assert.deepEqual(await keys(s3), [`up/${name}-${name}`])
  })

test('what is behind the file is ignored', async () => {
  await using s3 = await signed()
  const late: Fields = [
    ['key', 'late'],
    ['acl', 'public-read'],
    ['submit', 'Upload'],
  ]
  assert.equal((await post(s3, formBody(allowing([['key', 'k']]), file, late))).status, 204)
  assert.deepEqual(await keys(s3), ['k'])
})

test('a form without the length of its body is taken all the same', async () => {
  await using s3 = await signed()
  const answer = await post(s3, formBody(allowing([['key', 'k']]), file), { isUnsized: true })
  assert.equal(answer.status, 204, answer.text)
  assert.equal((await read(s3, 'k')).text, 'the bytes of a file')
})

test('a bucket that the host names is meant, and its object is named the same way', async () => {
  await using s3 = await signed({ domains: ['s3.test'] })
  const answer = await post(s3, formBody(allowing([['key', 'a b']]), file), {
    url: '/',
    headers: { host: 'bucket.s3.test:9000' },
  })
  assert.deepEqual(
    [answer.status, answer.headers.location],
    [204, 'http://bucket.s3.test:9000/a%20b'],
    answer.text,
  )
  assert.deepEqual(await keys(s3), ['a b'])
})

test('in a bucket with versions the answer names the version', async () => {
  await using s3 = await signed()
  await s3.engine.bucket('bucket').setConfiguration('versioning', 'enabled')
  const answer = await post(s3, formBody(allowing([['key', 'k']]), file))
  assert.equal(answer.headers['x-amz-version-id'], (await read(s3, 'k')).info.versionId)
})

// What success is answered with.

for (const [asked, status] of [
  ['200', 200],
  ['201', 201],
  ['204', 204],
  ['202', 204],
  ['', 204],
  ['abc', 204],
] as const)
  test(`success_action_status ${asked} is answered ${status}`, async () => {
    await using s3 = await signed()
    const answer = await post(
      s3,
      formBody(
        allowing([
          ['key', 'a&b'],
          ['success_action_status', asked],
        ]),
        file,
      ),
    )
    assert.equal(answer.status, status)
    const { etag } = (await read(s3, 'a&b')).info
    assert.equal(answer.headers.etag, `"${etag}"`)
    assert.equal(
      answer.text,
      status === 201
        ? `<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse><Location>http://${host}/bucket/a%26b</Location><Bucket>bucket</Bucket><Key>a&amp;b</Key><ETag>&quot;${etag}&quot;</ETag></PostResponse>`
        : '',
    )
    if (status === 201) assert.equal(answer.headers['content-type'], 'application/xml')
  })

for (const [name, wanted, location] of [
  [
    'success_action_redirect',
    'https://app.example/done',
    'https://app.example/done?bucket=bucket&key=a%20b%26c&etag=%22E%22',
  ],
  [
    'redirect',
    'http://app.example:8080/?x=1#end',
    'http://app.example:8080/?x=1&bucket=bucket&key=a%20b%26c&etag=%22E%22#end',
  ],
  ['success_action_redirect', '/done', undefined],
  ['success_action_redirect', '', undefined],
  ['success_action_redirect', 'javascript:alert(1)', undefined],
] as const)
  test(`${name} "${wanted}" is ${location === undefined ? 'no URL to go to' : 'gone to'}`, async () => {
    await using s3 = await signed()
    const fields = allowing([
      ['key', 'a b&c'],
      [name, wanted],
      ['success_action_status', '200'],
    ])
    const answer = await post(s3, formBody(fields, file))
    const { etag } = (await read(s3, 'a b&c')).info
    assert.equal(answer.status, location === undefined ? 200 : 303)
    assert.equal(answer.text, '')
    assert.equal(answer.headers.location?.replace(etag, 'E'), location ?? `http://${host}/bucket/a%20b%26c`)
  })

// Who signs.

const secondsOff = (seconds: number) => new Date(now + seconds * 1_000)

interface Refusal {
  readonly what: string
  readonly body: Uint8Array
  readonly status: number
  readonly code: string
  readonly message?: RegExp
  readonly elements?: Readonly<Record<string, string>>
  readonly asked?: Partial<Asked> & { url?: string }
}

const key: Fields = [['key', 'k']]
const without = (fields: Fields, ...names: string[]): Fields =>
  fields.filter(([name]) => !names.includes(name))
const instead = (fields: Fields, name: string, value: string): Fields =>
  fields.map((field) => (field[0] === name ? [name, value] : field))
const good = allowing(key)

const refusals: Refusal[] = [
  {
    what: 'a file by a name that is no UTF-8',
    body: formBody(allowing([['key', `up/${FILENAME}`]]), { ...file, filename: '\ufffd.txt' }),
    status: 400,
    code: 'MalformedPOSTRequest',
  },
  {
    what: 'another secret',
    body: formBody(allowing(key, { secretAccessKey: 'guess' }), file),
    status: 403,
    code: 'SignatureDoesNotMatch',
    elements: { AWSAccessKeyId: EXAMPLE.accessKeyId },
  },
  {
    what: 'another policy than is signed',
    body: formBody(
      instead(
        good,
        'policy',
        Buffer.from('{"expiration":"2099-01-01T00:00:00Z","conditions":[]}').toString('base64'),
      ),
      file,
    ),
    status: 403,
    code: 'SignatureDoesNotMatch',
  },
  {
    what: 'an unknown key',
    body: formBody(instead(good, 'x-amz-credential', 'AKIDNOBODY/20261123/us-east-1/s3/aws4_request'), file),
    status: 403,
    code: 'InvalidAccessKeyId',
  },
  {
    what: 'another region',
    body: formBody(allowing(key, { region: 'mars-north-1' }), file),
    status: 400,
    code: 'AuthorizationQueryParametersError',
    elements: { Region: 'us-east-1' },
  },
  {
    what: 'a credential that is none',
    body: formBody(instead(good, 'x-amz-credential', 'AKID/s3'), file),
    status: 400,
    code: 'AuthorizationQueryParametersError',
  },
  {
    what: 'a date that is none',
    body: formBody(instead(good, 'x-amz-date', 'today'), file),
    status: 400,
    code: 'AuthorizationQueryParametersError',
  },
  {
    what: 'a date of another day',
    body: formBody(instead(good, 'x-amz-date', '20261122T120000Z'), file),
    status: 400,
    code: 'AuthorizationQueryParametersError',
  },
  {
    what: 'a signature that is none',
    body: formBody(instead(good, 'x-amz-signature', 'abc'), file),
    status: 400,
    code: 'AuthorizationQueryParametersError',
  },
  {
    what: 'another algorithm',
    body: formBody(instead(good, 'x-amz-algorithm', 'AWS4-ECDSA-P256-SHA256'), file),
    status: 400,
    code: 'InvalidRequest',
    message: /Please use AWS4-HMAC-SHA256/,
  },
  ...['policy', 'x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature'].map(
    (name): Refusal => ({
      what: `no ${name}`,
      body: formBody(without(good, name), file),
      status: 400,
      code: 'InvalidArgument',
      message:
        /^Bucket POST must contain a field named '.+'\. {2}If it is specified, please check the order of the fields\.$/,
    }),
  ),
  {
    what: 'a policy and nothing that signs it',
    body: formBody(
      without(good, 'x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-signature'),
      file,
    ),
    status: 400,
    code: 'InvalidArgument',
  },
  {
    what: 'a date that is yet to come',
    body: formBody(allowing(key, { date: secondsOff(1_000) }), file),
    status: 403,
    code: 'AccessDenied',
    message: /not valid yet/,
  },
  {
    what: 'a policy that has ended',
    body: formBody(allowing(key, { expiresSeconds: 0 }), file),
    status: 403,
    code: 'AccessDenied',
    message: /^Invalid according to Policy: Policy expired\.$/,
  },
  {
    what: 'both versions of signatures',
    body: formBody([...good, ['AWSAccessKeyId', 'x']], file),
    status: 400,
    code: 'InvalidArgument',
    message: /Only one auth mechanism/,
  },
  {
    what: 'version 2, which is not taken',
    body: formBody([['key', 'k'], ...signFormVersion2([{ bucket: 'bucket' }, { key: 'k' }], date)], file),
    status: 400,
    code: 'InvalidRequest',
    message: /--signature-v2/,
  },
  {
    what: 'a session token of no session',
    body: formBody(allowing(key, { sessionToken: 'token' }), file),
    status: 400,
    code: 'InvalidToken',
  },
  { what: 'nobody’s signature', body: formBody(key, file), status: 403, code: 'AccessDenied' },
  // The policy's own form, and what it says.
  {
    what: 'a policy that is no JSON',
    body: formBody(allowing(key, { policy: '{' }), file),
    status: 400,
    code: 'InvalidPolicyDocument',
    message: /^Invalid Policy: Invalid JSON\.$/,
  },
  {
    what: 'a policy without an end',
    body: formBody(allowing(key, { policy: '{"conditions":[]}' }), file),
    status: 400,
    code: 'InvalidPolicyDocument',
  },
  {
    what: 'another bucket',
    body: formBody(good, file),
    asked: { url: '/other' },
    status: 403,
    code: 'AccessDenied',
    message: /Policy Condition failed: \["eq", "\$bucket", "bucket"\]/,
  },
  {
    what: 'another bucket, and a field that says it is the first',
    body: formBody([...good, ['bucket', 'bucket']], file),
    asked: { url: '/other' },
    status: 403,
    code: 'AccessDenied',
    message: /\$bucket/,
  },
  {
    what: 'a field nobody allowed',
    body: formBody([...good, ['acl', 'private']], file),
    status: 403,
    code: 'AccessDenied',
    message: /^Invalid according to Policy: Extra input fields: acl$/,
  },
  {
    what: 'a field twice',
    body: formBody([...good, ['Key', 'another']], file),
    status: 400,
    code: 'InvalidArgument',
    message: /more than one field named 'key'/,
  },
  {
    what: 'too many bytes',
    body: formBody(allowing(key, { conditions: [['content-length-range', 0, 18]] }), file),
    status: 400,
    code: 'EntityTooLarge',
    elements: { ProposedSize: '19', MaxSizeAllowed: '18' },
  },
  {
    what: 'too few bytes',
    body: formBody(allowing(key, { conditions: [['content-length-range', 20, 30]] }), file),
    status: 400,
    code: 'EntityTooSmall',
    elements: { ProposedSize: '19', MinSizeAllowed: '20' },
  },
  // The form itself.
  {
    what: 'no key',
    body: formBody(allowing([]), file),
    status: 400,
    code: 'InvalidArgument',
    elements: { ArgumentName: 'key', ArgumentValue: '' },
  },
  {
    what: 'no file',
    body: formBody(good),
    status: 400,
    code: 'InvalidArgument',
    message: /^POST requires exactly one file upload per request\.$/,
    elements: { ArgumentName: 'file', ArgumentValue: '0' },
  },
  {
    what: 'two files',
    body: Buffer.concat([
      formBody(good).subarray(0, -formBody([]).byteLength),
      fileParts(file),
      fileParts(file),
      formBody([]),
    ]),
    status: 400,
    code: 'InvalidArgument',
    message: /exactly one file/,
  },
  {
    what: 'an end that is missing',
    body: Buffer.concat([formBody(good).subarray(0, -formBody([]).byteLength), fileParts(file)]),
    status: 400,
    code: 'MalformedPOSTRequest',
  },
  {
    what: 'a file that is cut off',
    body: formBody(good, file).subarray(0, -60),
    status: 400,
    code: 'MalformedPOSTRequest',
  },
  {
    what: 'too long a policy',
    body: formBody(
      allowing(key, { conditions: Array.from({ length: 900 }, () => ['starts-with', '$key', '']) }),
      file,
    ),
    status: 400,
    code: 'MaxPostPreDataLengthExceeded',
    elements: { MaxPostPreDataLengthBytes: '20480' },
  },
  // What a PUT would be refused for.
  {
    what: 'too long a key',
    body: formBody(allowing([['key', 'k'.repeat(1_025)]]), file),
    status: 400,
    code: 'KeyTooLongError',
  },
  {
    what: 'a key with NUL',
    body: formBody(allowing([['key', 'a\0b']]), file),
    status: 400,
    code: 'InvalidURI',
  },
  {
    what: 'an ACL that is refused',
    body: formBody(allowing([...key, ['acl', 'public-read']]), file),
    status: 400,
    code: 'AccessControlListNotSupported',
  },
  {
    what: 'an ACL that is none',
    body: formBody(allowing([...key, ['acl', 'mine']]), file),
    status: 400,
    code: 'InvalidArgument',
  },
  {
    what: 'a storage class that is none',
    body: formBody(allowing([...key, ['x-amz-storage-class', 'ATTIC']]), file),
    status: 400,
    code: 'InvalidStorageClass',
  },
  {
    what: 'encryption',
    body: formBody(allowing([...key, ['x-amz-server-side-encryption', 'AES256']]), file),
    status: 501,
    code: 'NotImplemented',
  },
  {
    what: 'encryption with a key of the client',
    body: formBody(allowing([...key, ['x-amz-server-side-encryption-customer-key', 'x']]), file),
    status: 501,
    code: 'NotImplemented',
  },
  {
    what: 'an internal name',
    body: formBody(allowing([...key, ['x-minio-internal-a', 'x']]), file),
    status: 400,
    code: 'InvalidArgument',
  },
  {
    what: 'a replica that is none',
    body: formBody(allowing([...key, ['x-minio-source-mtime', 'x']]), file),
    status: 501,
    code: 'NotImplemented',
  },
  {
    what: 'an append',
    body: formBody(allowing([...key, ['x-amz-write-offset-bytes', '0']]), file),
    status: 501,
    code: 'NotImplemented',
  },
  {
    what: 'a source to copy',
    body: formBody(allowing([...key, ['x-amz-copy-source', '/other/k']]), file),
    status: 501,
    code: 'NotImplemented',
  },
  {
    what: 'a header that would end another',
    body: formBody(allowing([...key, ['Content-Type', 'a\r\nset-cookie: b']]), file),
    status: 400,
    code: 'InvalidArgument',
  },
  {
    what: 'metadata by a name that no header can have',
    body: formBody(allowing([...key, ['x-amz-meta-a b', 'x']]), file),
    status: 400,
    code: 'InvalidArgument',
  },
  {
    what: 'more metadata than S3 has',
    body: formBody(allowing([...key, ['x-amz-meta-a', 'x'.repeat(2_049)]]), file),
    status: 400,
    code: 'MetadataTooLarge',
  },
  {
    what: 'tags that are no document',
    body: formBody(allowing([...key, ['tagging', 'a=b']]), file),
    status: 400,
    code: 'MalformedXML',
  },
  {
    what: 'a tag twice',
    body: formBody(
      allowing([
        ...key,
        [
          'tagging',
          '<Tagging><TagSet><Tag><Key>a</Key><Value/></Tag><Tag><Key>a</Key><Value/></Tag></TagSet></Tagging>',
        ],
      ]),
      file,
    ),
    status: 400,
    code: 'InvalidTag',
  },
  {
    what: 'a digest that is none',
    body: formBody(allowing([...key, ['Content-MD5', 'x']]), file),
    status: 400,
    code: 'InvalidDigest',
  },
  {
    what: 'another digest',
    body: formBody(allowing([...key, ['Content-MD5', 'AAAAAAAAAAAAAAAAAAAAAA==']]), file),
    status: 400,
    code: 'BadDigest',
  },
  {
    what: 'another checksum',
    body: formBody(allowing([...key, ['x-amz-checksum-crc32', 'AAAAAA==']]), file),
    status: 400,
    code: 'BadDigest',
  },
  {
    what: 'an algorithm without its checksum',
    body: formBody(allowing([...key, ['x-amz-checksum-algorithm', 'CRC32']]), file),
    status: 400,
    code: 'InvalidRequest',
  },
  {
    what: 'a lock in a bucket that has none',
    body: formBody(
      allowing([...key, ['x-amz-object-lock-legal-hold', 'ON'], ['Content-MD5', 'OovzPKkcAgiO8OG5NVjjDg==']]),
      file,
    ),
    status: 400,
    code: 'InvalidRequest',
  },
  {
    what: 'a lock without a digest',
    body: formBody(allowing([...key, ['x-amz-object-lock-legal-hold', 'ON']]), file),
    status: 400,
    code: 'InvalidRequest',
    message: /Content-MD5/,
  },
  // What the request says beside the form.
  {
    what: 'a key in its URL',
    body: formBody(good, file),
    asked: { url: '/bucket/k' },
    status: 405,
    code: 'MethodNotAllowed',
  },
  {
    what: 'no form',
    body: Buffer.from('{}'),
    asked: { headers: { 'content-type': 'application/json' } },
    status: 403,
    code: 'AccessDenied',
  },
  {
    what: 'no boundary',
    body: formBody(good, file),
    asked: { headers: { 'content-type': 'multipart/form-data' } },
    status: 400,
    code: 'MalformedPOSTRequest',
  },
  {
    what: 'aws-chunked',
    body: formBody(good, file),
    asked: { headers: { 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': '5' } },
    status: 400,
    code: 'InvalidRequest',
  },
  {
    what: 'an ACL by header',
    body: formBody(good, file),
    asked: { headers: { 'x-amz-acl': 'public-read' } },
    status: 400,
    code: 'AccessControlListNotSupported',
  },
  {
    what: 'encryption by header',
    body: formBody(good, file),
    asked: { headers: { 'x-amz-server-side-encryption': 'aws:kms' } },
    status: 501,
    code: 'NotImplemented',
  },
  {
    what: 'metadata by header',
    body: formBody(good, file),
    asked: { headers: { 'x-amz-meta-a': 'b' } },
    status: 400,
    code: 'InvalidRequest',
  },
  {
    what: 'a digest by header',
    body: formBody(good, file),
    asked: { headers: { 'content-md5': 'x' } },
    status: 400,
    code: 'InvalidRequest',
  },
  {
    what: 'no such bucket',
    body: formBody(allowing(key, {}, 'missing'), file),
    asked: { url: '/missing' },
    status: 404,
    code: 'NoSuchBucket',
  },
]
for (const { what, body, status, code, message, elements = {}, asked } of refusals)
  test(`a form with ${what} is refused and stores nothing`, async () => {
    await using s3 = await signed()
    const answer = await post(s3, body, asked)
    assert.deepEqual([answer.status, answer.code], [status, code], answer.text)
    if (message !== undefined) assert.match(messageOf(answer), message)
    for (const [name, value] of Object.entries(elements))
      assert.deepEqual(texts(answer.text, name), [value], name)
    assert.deepEqual([await keys(s3), await keys(s3, 'other')], [[], []])
  })

test('whoever has a form may upload by it, and do nothing else', async () => {
  await using s3 = await signed()
  await s3.engine.bucket('bucket').put('k', Buffer.from('unharmed'))
  for (const [url, headers] of [
    ['/bucket?delete', {}],
    ['/bucket?metadataTable', {}],
    ['/bucket', { 'x-amz-request-route': 'a' }],
  ] as const) {
    const answer = await post(s3, formBody(good, file), { url, headers })
    assert.ok(answer.status === 400 || answer.status === 501, `${url}: ${answer.text}`)
  }
  assert.equal((await read(s3, 'k')).text, 'unharmed')
})

test('a form signed by version 2 is taken when that is asked for', async () => {
  await using s3 = await signed({ signatureV2: true })
  const conditions = [{ bucket: 'bucket' }, ['starts-with', '$key', 'a']]
  const fields: Fields = [['key', 'a/b'], ...signFormVersion2(conditions, date)]
  assert.equal((await post(s3, formBody(fields, file))).status, 204)
  assert.equal((await read(s3, 'a/b')).info.ownerId, 'owner-id')
  const changed = await post(s3, formBody(instead(fields, 'signature', 'AAAA'), file))
  assert.deepEqual([changed.status, changed.code], [403, 'SignatureDoesNotMatch'])
  const elsewhere = await post(s3, formBody(instead(fields, 'key', 'b'), file))
  assert.deepEqual([elsewhere.status, elsewhere.code], [403, 'AccessDenied'])
})

test('a form of a session carries its token, and ends with it', async () => {
  await using s3 = await signed({}, { sessionToken: 'token', expiresAt: now + 1 })
  assert.equal((await post(s3, formBody(allowing(key, { sessionToken: 'token' }), file))).status, 204)
  for (const [sessionToken, code] of [
    ['other', 'InvalidToken'],
    [undefined, 'InvalidAccessKeyId'],
  ] as const)
    assert.equal(
      (await post(s3, formBody(allowing(key, sessionToken === undefined ? {} : { sessionToken }), file)))
        .code,
      code,
    )
  await using ended = await signed({}, { sessionToken: 'token', expiresAt: now })
  assert.equal(
    (await post(ended, formBody(allowing(key, { sessionToken: 'token' }), file))).code,
    'ExpiredToken',
  )
})

test('who may write without signing may do so by a form, and is asked for by its key', async () => {
  const asked: string[] = []
  await using s3 = await signed({
    authorize: ({ principal, action, bucket, key }) => {
      asked.push(`${principal.anonymous ? 'nobody' : 'somebody'} ${action} ${bucket}/${key}`)
      return bucket === 'bucket' && key.startsWith('public/')
    },
  })
  const tagging = '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>'
  const answer = await post(
    s3,
    formBody(
      [
        ['key', `public/${FILENAME}`],
        ['tagging', tagging],
        ['submit', 'x'],
      ],
      file,
    ),
  )
  assert.equal(answer.status, 204, answer.text)
  assert.deepEqual(asked, [
    'nobody s3:PutObject bucket/public/a file.txt',
    'nobody s3:PutObjectTagging bucket/public/a file.txt',
  ])
  assert.equal((await post(s3, formBody([['key', 'private']], file))).code, 'AccessDenied')
  assert.deepEqual(await keys(s3), ['public/a file.txt'])
})

test('a form may come in a request that is signed itself, and then not be signed as well', async () => {
  await using s3 = await signed()
  const ask = (fields: Fields, tamper = false) => {
    const body = formBody(fields, file)
    const message = signMessage(EXAMPLE, {
      form: 'header',
      method: 'POST',
      host,
      path: '/bucket',
      payload: 'hashed',
      date,
      body,
      headers: { 'content-type': contentType },
    })
    const sent = tamper
      ? Buffer.from(body.toString('latin1').replace('the bytes', 'any bytes'), 'latin1')
      : body
    return s3.ask('POST', message.rawUrl, { headers: Object.fromEntries(message.headers), body: sent })
  }
  assert.equal((await ask(key)).status, 204)
  assert.equal((await read(s3, 'k')).info.ownerId, 'owner-id')
  assert.equal((await ask([['key', 'tampered']], true)).code, 'XAmzContentSHA256Mismatch')
  assert.equal((await ask(allowing([['key', 'both']]))).code, 'InvalidArgument')
  assert.deepEqual(await keys(s3), ['k'])
  const noForm = await s3.ask('POST', '/bucket', {
    headers: Object.fromEntries(
      signMessage(EXAMPLE, { form: 'header', method: 'POST', host, path: '/bucket', payload: 'hashed', date })
        .headers,
    ),
  })
  assert.deepEqual([noForm.status, noForm.code], [412, 'PreconditionFailed'])
  assert.deepEqual(texts(noForm.text, 'Condition'), [
    'Bucket POST must be of the enclosure-type multipart/form-data',
  ])
})

test('where callers say who asks, a policy binds all the same', async () => {
  await using s3 = await S3InMemory.open({ now: () => now })
  await s3.engine.createBucket('bucket')
  assert.equal((await post(s3, formBody(key, file))).status, 204)
  assert.equal((await post(s3, formBody(good, file))).status, 204)
  assert.equal((await post(s3, formBody([...good, ['acl', 'private']], file))).code, 'AccessDenied')
})

test('digests, checksums and locks of a form are honoured', async () => {
  await using s3 = await signed()
  const lock: Fields = [
    ['x-amz-object-lock-mode', 'GOVERNANCE'],
    ['x-amz-object-lock-retain-until-date', '2027-01-01T00:00:00Z'],
    ['x-amz-object-lock-legal-hold', 'ON'],
    ['x-amz-checksum-algorithm', 'CRC32'],
    ['x-amz-checksum-crc32', 'hSnuow=='],
  ]
  const answer = await post(s3, formBody(allowing([...key, ...lock], {}, 'locked'), { bytes: 'checked' }), {
    url: '/locked',
  })
  const crc = texts(answer.text, 'CalculatedDigest')[0] ?? 'hSnuow=='
  const again = await post(
    s3,
    formBody(allowing([...key, ...instead(lock, 'x-amz-checksum-crc32', crc)], {}, 'locked'), {
      bytes: 'checked',
    }),
    { url: '/locked' },
  )
  assert.equal(again.status, 204, again.text)
  assert.equal(again.headers['x-amz-checksum-crc32'], crc)
  const { info } = await read(s3, 'k', 'locked')
  assert.deepEqual([info.retention?.mode, info.legalHold], ['governance', true])
})

test('a condition of the request holds for a form as for a PUT', async () => {
  await using s3 = await signed()
  const headers = { 'if-none-match': '*' }
  assert.equal((await post(s3, formBody(good, file), { headers })).status, 204)
  assert.equal((await post(s3, formBody(good, { bytes: 'other' }), { headers })).code, 'PreconditionFailed')
  assert.equal((await read(s3, 'k')).text, 'the bytes of a file')
})

test('a page of another origin sees what becomes of its form', async () => {
  await using s3 = await signed({ corsOrigins: ['https://app.example'] })
  const headers = { origin: 'https://app.example' }
  for (const fields of [good, key]) {
    const answer = await post(s3, formBody(fields, file), { headers })
    assert.equal(answer.headers['access-control-allow-origin'], 'https://app.example')
    if (answer.status === 204)
      assert.match(answer.headers['access-control-expose-headers']!, /\betag\b.*\blocation\b/)
  }
})

test('S3 Express mode has no forms', async () => {
  await using s3 = await signed({ profile: 'express' })
  assert.equal((await post(s3, formBody(good, file))).code, 'NotSupported')
})

test('the log names the key of a form and whose it is', async () => {
  const lines: string[] = []
  await using s3 = await signed({
    log: ({ operation, key, status, principal }) =>
      lines.push(`${operation} ${key} ${status} ${principal?.accessKeyId}`),
  })
  await post(s3, formBody(good, file))
  assert.deepEqual(lines, [`PostObject k 204 ${EXAMPLE.accessKeyId}`])
})

test('whoever tries secrets by forms is slowed down, and nobody else', async () => {
  await using s3 = await signed()
  const ask = (fields: Fields, remoteAddress: string): Promise<Answered> => {
    const body = formBody(fields, file)
    return s3.carry({
      method: 'POST',
      rawUrl: '/bucket',
      rawHeaders: [
        ['Host', host],
        ['Content-Type', contentType],
      ],
      body: (async function* () {
        yield body
      })(),
      secure: false,
      signal: new AbortController().signal,
      remoteAddress,
    })
  }
  const guess = allowing(key, { secretAccessKey: 'guess' })
  for (let attempt = 0; attempt < 100; attempt++)
    assert.equal((await ask(guess, '192.0.2.1')).code, 'SignatureDoesNotMatch')
  assert.equal((await ask(guess, '192.0.2.1')).code, 'SlowDown')
  assert.equal((await ask(good, '192.0.2.2')).status, 204)
})
