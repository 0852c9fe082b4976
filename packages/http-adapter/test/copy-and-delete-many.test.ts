import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import test from 'node:test'
import { createS3Handler } from '@aquifer/http-adapter'
import { EXAMPLE } from './auth/requests.js'
import { S3InMemory, texts } from './s3-in-memory.js'
import { signMessage } from './signing-client.js'

async function withObject(): Promise<S3InMemory> {
  const s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  await s3.ask('PUT', '/other')
  await s3.ask('PUT', '/bucket/source', {
    body: 'bytes',
    headers: {
      'content-type': 'a/b',
      'x-amz-meta-a': '1',
      'x-amz-storage-class': 'STANDARD_IA',
      'x-amz-website-redirect-location': '/x',
    },
  })
  return s3
}

test('a copy has the bytes and the metadata, but neither class nor redirect', async () => {
  await using s3 = await withObject()
  const copy = await s3.ask('PUT', '/other/copy', {
    headers: { 'x-amz-copy-source': '/bucket/source', 'x-amz-meta-a': 'ignored' },
  })
  assert.equal(copy.status, 200)
  assert.match(
    copy.text,
    /<CopyObjectResult xmlns="[^"]+"><LastModified>[^<]+<\/LastModified><ETag>&quot;4b3a6218bb3e3a7303e8a171a60fcf92&quot;<\/ETag>/,
  )
  const got = await s3.ask('GET', '/other/copy')
  assert.equal(got.text, 'bytes')
  assert.equal(got.headers['content-type'], 'a/b')
  assert.equal(got.headers['x-amz-meta-a'], '1')
  assert.equal(got.headers['x-amz-storage-class'], undefined)
  assert.equal(got.headers['x-amz-website-redirect-location'], undefined)
})

test('REPLACE takes what the request says, and nothing of the source', async () => {
  await using s3 = await withObject()
  const headers = {
    'x-amz-copy-source': 'bucket/source',
    'x-amz-metadata-directive': 'REPLACE',
    'x-amz-meta-b': '2',
    'content-type': 'c/d',
  }
  await s3.ask('PUT', '/bucket/copy', { headers })
  const got = await s3.ask('HEAD', '/bucket/copy')
  assert.equal(got.headers['content-type'], 'c/d')
  assert.equal(got.headers['x-amz-meta-a'], undefined)
  assert.equal(got.headers['x-amz-meta-b'], '2')
})

test('a copy onto itself must change something', async () => {
  await using s3 = await withObject()
  const copy = (headers: Record<string, string>) =>
    s3.ask('PUT', '/bucket/source', { headers: { 'x-amz-copy-source': '/bucket/source', ...headers } })
  assert.equal((await copy({})).code, 'InvalidRequest')
  assert.equal((await copy({ 'x-amz-storage-class': 'STANDARD' })).status, 200)
  assert.equal((await copy({ 'x-amz-metadata-directive': 'REPLACE', 'x-amz-meta-new': 'x' })).status, 200)
  const got = await s3.ask('GET', '/bucket/source')
  assert.equal(got.text, 'bytes')
  assert.equal(got.headers['x-amz-meta-new'], 'x')
})

const conditions: [header: string, value: string, status: number][] = [
  ['x-amz-copy-source-if-match', '"other"', 412],
  ['x-amz-copy-source-if-match', '*', 200],
  ['x-amz-copy-source-if-none-match', '"4b3a6218bb3e3a7303e8a171a60fcf92"', 412],
  ['x-amz-copy-source-if-none-match', '"other"', 200],
  ['x-amz-copy-source-if-modified-since', 'Sun, 06 Nov 1994 08:49:37 GMT', 200],
  ['x-amz-copy-source-if-unmodified-since', 'Sun, 06 Nov 1994 08:49:37 GMT', 412],
  ['if-none-match', '*', 412],
  ['if-match', '"other"', 412],
  ['if-match', '*', 200],
]
for (const [header, value, status] of conditions) {
  test(`a copy with ${header}: ${value} onto what is there: ${status}`, async () => {
    await using s3 = await withObject()
    await s3.ask('PUT', '/bucket/target', { body: 'before' })
    const answer = await s3.ask('PUT', '/bucket/target', {
      headers: { 'x-amz-copy-source': '/bucket/source', [header]: value },
    })
    assert.equal(answer.status, status, answer.text)
    assert.equal((await s3.ask('GET', '/bucket/target')).text, status === 200 ? 'bytes' : 'before')
  })
}

const refusedCopies: [what: string, headers: Record<string, string>, code: string][] = [
  ['a source that is not there', { 'x-amz-copy-source': '/bucket/absent' }, 'NoSuchKey'],
  ['a bucket that is not there', { 'x-amz-copy-source': '/absent/k' }, 'NoSuchBucket'],
  ['an empty source', { 'x-amz-copy-source': '' }, 'InvalidArgument'],
  ['another version', { 'x-amz-copy-source': '/bucket/source?versionId=abc' }, 'InvalidArgument'],
  [
    'an unknown directive',
    { 'x-amz-copy-source': '/bucket/source', 'x-amz-metadata-directive': 'replace' },
    'InvalidArgument',
  ],
  [
    'an unknown tagging directive',
    { 'x-amz-copy-source': '/bucket/source', 'x-amz-tagging-directive': 'x' },
    'InvalidArgument',
  ],
  [
    'encryption of the source',
    {
      'x-amz-copy-source': '/bucket/source',
      'x-amz-copy-source-server-side-encryption-customer-algorithm': 'AES256',
    },
    'NotImplemented',
  ],
]
for (const [what, headers, code] of refusedCopies) {
  test(`a copy with ${what} is refused with ${code}`, async () => {
    await using s3 = await withObject()
    assert.equal((await s3.ask('PUT', '/bucket/target', { headers })).code, code)
    assert.equal((await s3.ask('GET', '/bucket/target')).code, 'NoSuchKey')
  })
}

const deletion = (objects: string, quiet = ''): string => `<Delete>${quiet}${objects}</Delete>`
const object = (key: string, more = ''): string => `<Object><Key>${key}</Key>${more}</Object>`
const md5 = (body: string): Record<string, string> => ({
  'content-md5': createHash('md5').update(body).digest('base64'),
})

test('many are deleted at once, each with its own outcome', async () => {
  await using s3 = await withObject()
  await s3.ask('PUT', '/bucket/a%26b', { body: 'x' })
  await s3.ask('PUT', '/bucket/kept', { body: 'x' })
  const body = deletion(
    object('source', '<ETag>"4b3a6218bb3e3a7303e8a171a60fcf92"</ETag>') +
      object('a&amp;b') +
      object('absent') +
      object('kept', '<ETag>"other"</ETag>') +
      object('kept', '<VersionId>abc</VersionId>') +
      object('kept', '<Size>1</Size>'),
  )
  const answer = await s3.ask('POST', '/bucket?delete', { body, headers: md5(body) })
  assert.equal(answer.status, 200)
  assert.deepEqual(texts(answer.text, 'Deleted'), [
    '<Key>source</Key>',
    '<Key>a&amp;b</Key>',
    '<Key>absent</Key>',
  ])
  assert.deepEqual(
    texts(answer.text, 'Error').map((error) => [texts(error, 'Key')[0], texts(error, 'Code')[0]]),
    [
      ['kept', 'PreconditionFailed'],
      ['kept', 'NoSuchVersion'],
      ['kept', 'NotImplemented'],
    ],
  )
  assert.equal((await s3.ask('GET', '/bucket/kept')).status, 200)
  assert.equal((await s3.ask('GET', '/bucket/source')).status, 404)
  assert.equal((await s3.ask('GET', '/bucket/a%26b')).status, 404)
})

test('quietly, only what failed is told', async () => {
  await using s3 = await withObject()
  const body = deletion(object('source') + object('absent', '<ETag>x</ETag>'), '<Quiet>TRUE</Quiet>')
  const answer = await s3.ask('POST', '/bucket?delete', { body, headers: md5(body) })
  assert.deepEqual(texts(answer.text, 'Deleted'), [])
  assert.equal(texts(answer.text, 'Error').length, 1)
})

test('a thousand are deleted at once, and none of more', async () => {
  await using s3 = await withObject()
  const many = (count: number) =>
    deletion(Array.from({ length: count }, (_, at) => object(`k${at}`)).join('') + object('source'))
  const tooMany = many(1_000)
  assert.equal(
    (await s3.ask('POST', '/bucket?delete', { body: tooMany, headers: md5(tooMany) })).code,
    'MalformedXML',
  )
  assert.equal((await s3.ask('GET', '/bucket/source')).status, 200)
  const enough = many(999)
  assert.equal(
    texts((await s3.ask('POST', '/bucket?delete', { body: enough, headers: md5(enough) })).text, 'Deleted')
      .length,
    1_000,
  )
})

const refusedDeletions: [
  what: string,
  body: string,
  headers: Record<string, string> | undefined,
  code: string,
][] = [
  ['no digest', deletion(object('source')), {}, 'InvalidRequest'],
  ['another digest', deletion(object('source')), md5('other'), 'BadDigest'],
  ['another checksum', deletion(object('source')), { 'x-amz-checksum-crc32': 'AAAAAA==' }, 'BadDigest'],
  ['no object', deletion(''), undefined, 'MalformedXML'],
  ['an object without a key', deletion('<Object/>'), undefined, 'MalformedXML'],
  ['broken XML', '<Delete><Object><Key>source</Key></Object>', undefined, 'MalformedXML'],
  ['another document', '<Remove><Object><Key>source</Key></Object></Remove>', undefined, 'MalformedXML'],
  ['five MiB of XML', `<Delete>${' '.repeat(5 * 1024 ** 2)}</Delete>`, undefined, 'MaxMessageLengthExceeded'],
]
for (const [what, body, headers, code] of refusedDeletions) {
  test(`a deletion with ${what} is refused with ${code}, and nothing is deleted`, async () => {
    await using s3 = await withObject()
    const answer = await s3.ask('POST', '/bucket?delete', { body, headers: headers ?? md5(body) })
    assert.equal(answer.code, code, answer.text)
    assert.equal((await s3.ask('GET', '/bucket/source')).status, 200)
  })
}

test('a digest of the document by any checksum will do', async () => {
  await using s3 = await withObject()
  const body = deletion(object('source'))
  const sha256 = createHash('sha256').update(body).digest('base64')
  const answer = await s3.ask('POST', '/bucket?delete', {
    body,
    headers: { 'x-amz-checksum-sha256': sha256, 'x-amz-sdk-checksum-algorithm': 'SHA256' },
  })
  assert.equal(answer.status, 200, answer.text)
})

test('a deletion needs a digest even where the signature covers its body', async () => {
  await using s3 = await withObject()
  const date = new Date()
  const credentials = { findCredentials: () => ({ ...EXAMPLE, ownerId: 'o', displayName: 'o' }) }
  const handler = createS3Handler(s3.engine, { credentials, now: () => date.getTime() })
  const body = Buffer.from(deletion(object('source')))
  const ask = async (headers: Record<string, string>) => {
    const message = signMessage(EXAMPLE, {
      form: 'header',
      method: 'POST',
      host: 's3.test:9000',
      path: '/bucket',
      query: [['delete', '']],
      payload: 'hashed',
      headers,
      body,
      date,
    })
    const { method, rawUrl } = message
    const { signal } = new AbortController()
    const frames = Readable.from(message.frames)
    return handler({ method, rawUrl, rawHeaders: message.headers, body: frames, secure: false, signal })
  }
  assert.equal((await ask({})).status, 400)
  assert.equal((await ask(md5(body.toString()))).status, 200)
})

test('more than 5 GiB are copied in parts alone', async () => {
  await using s3 = await withObject()
  const bucket = s3.engine.bucket('bucket')
  await bucket.put('8MiB', new Uint8Array(8 * 1024 ** 2))
  // Copies of parts move no bytes: the same eight megabytes stand in the object again and again.
  for (const [from, key, times] of [
    ['8MiB', '256MiB', 32],
    ['256MiB', '6GiB', 24],
  ] as const) {
    const upload = await bucket.createUpload(key)
    const parts = []
    for (let number = 1; number <= times; number++) parts.push(await upload.copyPart(number, { key: from }))
    await upload.complete(parts)
  }
  const source = { 'x-amz-copy-source': 'bucket/6GiB' }
  const whole = await s3.ask('PUT', '/bucket/copied', { headers: source })
  assert.equal(whole.code, 'InvalidRequest', whole.text)
  assert.match(whole.text, /maximum allowable size for a copy source: 5368709120/)
  const { uploadId } = await bucket.createUpload('copied')
  const part = `/bucket/copied?partNumber=1&uploadId=${uploadId}`
  assert.equal((await s3.ask('PUT', part, { headers: source })).code, 'InvalidRequest')
  const stretch = { ...source, 'x-amz-copy-source-range': `bytes=0-${5 * 1024 ** 3 - 1}` }
  assert.equal((await s3.ask('PUT', part, { headers: stretch })).status, 200)
})
