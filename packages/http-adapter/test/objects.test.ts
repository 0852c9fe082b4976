import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { type Asked, S3InMemory, texts } from './s3-in-memory.js'

async function withBucket(): Promise<S3InMemory> {
  const s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  return s3
}

const md5 = (text: string | Uint8Array): string => createHash('md5').update(text).digest('hex')

test('an object comes back as it was put, with every header it was given', async () => {
  await using s3 = await withBucket()
  const given = {
    'content-type': 'text/plain; charset=utf-8',
    'content-encoding': 'gzip',
    'content-disposition': 'attachment; filename="a.txt"',
    'content-language': 'de, en',
    'cache-control': 'max-age=60',
    expires: 'when I say so',
    'x-amz-website-redirect-location': '/other',
    'x-amz-storage-class': 'STANDARD_IA',
    'x-amz-meta-colour': 'blue',
    'x-amz-meta-name': Buffer.from('Zoë').toString('latin1'),
  }
  const put = await s3.ask('PUT', '/bucket/a.txt', { headers: given, body: 'hello' })
  assert.equal(put.status, 200)
  assert.equal(put.headers['etag'], `"${md5('hello')}"`)
  assert.equal(put.headers['content-length'], '0')
  for (const method of ['GET', 'HEAD']) {
    const got = await s3.ask(method, '/bucket/a.txt')
    assert.equal(got.status, 200)
    for (const [name, value] of Object.entries(given))
      assert.equal(got.headers[name], name === 'x-amz-meta-name' ? '=?UTF-8?B?Wm/Dqw==?=' : value, name)
    assert.equal(got.headers['etag'], `"${md5('hello')}"`)
    assert.equal(got.headers['content-length'], '5')
    assert.equal(got.headers['accept-ranges'], 'bytes')
    assert.match(got.headers['last-modified']!, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/)
    assert.equal(got.text, method === 'GET' ? 'hello' : '')
  }
})

test('what was not said is not told, but for the type that S3 gives', async () => {
  await using s3 = await withBucket()
  await s3.ask('PUT', '/bucket/k', { body: 'x', headers: { 'x-amz-storage-class': 'STANDARD' } })
  const { headers } = await s3.ask('HEAD', '/bucket/k')
  assert.equal(headers['content-type'], 'binary/octet-stream')
  for (const name of [
    'content-encoding',
    'cache-control',
    'expires',
    'x-amz-storage-class',
    'x-amz-missing-meta',
    'x-amz-version-id',
  ])
    assert.equal(headers[name], undefined, name)
})

test('large and empty bodies come back too', async () => {
  await using s3 = await withBucket()
  const large = Buffer.alloc(3_000_000, 'aquifer ')
  await s3.ask('PUT', '/bucket/large', { body: large })
  assert.ok(large.equals((await s3.ask('GET', '/bucket/large')).bytes))
  await s3.ask('PUT', '/bucket/empty', { body: '' })
  const empty = await s3.ask('GET', '/bucket/empty')
  assert.equal(empty.status, 200)
  assert.equal(empty.headers['content-length'], '0')
})

test('keys of every kind are their own objects', async () => {
  await using s3 = await withBucket()
  const keys = [
    'a b',
    'a+b',
    'a%b',
    'ü/日本',
    'a//b',
    '/a',
    '.',
    '..',
    'a/../b',
    'dir/',
    '\u{1F600}',
    'x'.repeat(1_024),
    '\u0001',
    '&<>"\'',
  ]
  for (const key of keys)
    assert.equal((await s3.ask('PUT', `/bucket/${encodeURIComponent(key)}`, { body: key })).status, 200, key)
  for (const key of keys) assert.equal((await s3.ask('GET', `/bucket/${encodeURIComponent(key)}`)).text, key)
  const listed = await s3.ask('GET', '/bucket?list-type=2&encoding-type=url')
  assert.deepEqual(
    texts(listed.text, 'Key').map(decodeURIComponent),
    keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  )
})

test('a key that is too long and one with NUL are refused', async () => {
  await using s3 = await withBucket()
  const long = await s3.ask('PUT', `/bucket/${'x'.repeat(1_025)}`, { body: 'x' })
  assert.equal(long.status, 400)
  assert.equal(long.code, 'KeyTooLongError')
  assert.deepEqual(texts(long.text, 'MaxSizeAllowed'), ['1024'])
  assert.equal((await s3.ask('PUT', '/bucket/a%00b', { body: 'x' })).code, 'InvalidURI')
  assert.equal((await s3.ask('PUT', '/bucket/%ff', { body: 'x' })).code, 'InvalidURI')
})

const refusedPuts: [what: string, asked: Asked, status: number, code: string][] = [
  ['no length', { body: 'x', isUnsized: true }, 411, 'MissingContentLength'],
  ['a shorter body than announced', { body: 'x', headers: { 'content-length': '2' } }, 400, 'IncompleteBody'],
  [
    'a longer body than announced',
    { body: 'xyz', headers: { 'content-length': '2' } },
    400,
    'IncompleteBody',
  ],
  [
    'a length that is none',
    { body: 'x', isUnsized: true, headers: { 'content-length': '-1' } },
    400,
    'InvalidArgument',
  ],
  [
    'more than 5 GiB announced',
    { isUnsized: true, headers: { 'content-length': String(5 * 1024 ** 3 + 1) } },
    400,
    'EntityTooLarge',
  ],
  ['another MD5', { body: 'x', headers: { 'content-md5': '1B2M2Y8AsgTpgAmY7PhCfg==' } }, 400, 'BadDigest'],
  ['an MD5 that is none', { body: 'x', headers: { 'content-md5': 'abc' } }, 400, 'InvalidDigest'],
  ['an empty MD5', { body: 'x', headers: { 'content-md5': '' } }, 400, 'InvalidDigest'],
  ['another checksum', { body: 'x', headers: { 'x-amz-checksum-crc32': 'AAAAAA==' } }, 400, 'BadDigest'],
  [
    'a checksum that is none',
    { body: 'x', headers: { 'x-amz-checksum-crc32': 'AAAA' } },
    400,
    'InvalidRequest',
  ],
  [
    'too much metadata',
    { body: 'x', headers: { 'x-amz-meta-a': 'x'.repeat(2_048) } },
    400,
    'MetadataTooLarge',
  ],
  [
    'an unknown storage class',
    { body: 'x', headers: { 'x-amz-storage-class': 'CHEAP' } },
    400,
    'InvalidStorageClass',
  ],
  [
    'a class one must restore from',
    { body: 'x', headers: { 'x-amz-storage-class': 'GLACIER' } },
    501,
    'NotImplemented',
  ],
  [
    'a redirect to nowhere',
    { body: 'x', headers: { 'x-amz-website-redirect-location': 'other' } },
    400,
    'InvalidRedirectLocation',
  ],
  ['encryption', { body: 'x', headers: { 'x-amz-server-side-encryption': 'AES256' } }, 501, 'NotImplemented'],
  ['a retention', { body: 'x', headers: { 'x-amz-object-lock-mode': 'GOVERNANCE' } }, 400, 'InvalidArgument'],
  [
    'a public ACL',
    { body: 'x', headers: { 'x-amz-acl': 'public-read' } },
    400,
    'AccessControlListNotSupported',
  ],
  [
    'an ETag that must not be there',
    { body: 'x', headers: { 'if-none-match': '"abc"' } },
    501,
    'NotImplemented',
  ],
  ['an offset', { body: 'x', headers: { 'x-amz-write-offset-bytes': '0' } }, 501, 'NotSupported'],
  ['a false condition', { body: 'x', headers: { 'if-match': '"abc"' } }, 412, 'PreconditionFailed'],
  [
    'a condition that nothing be there',
    { body: 'x', headers: { 'if-none-match': '*' } },
    412,
    'PreconditionFailed',
  ],
]
for (const [what, asked, status, code] of refusedPuts) {
  test(`a put with ${what} is refused with ${code}, and what was there stays`, async () => {
    await using s3 = await withBucket()
    await s3.ask('PUT', '/bucket/k', { body: 'before', headers: { 'x-amz-meta-a': 'b' } })
    const answer = await s3.ask('PUT', '/bucket/k', asked)
    assert.equal(answer.status, status, answer.text)
    assert.equal(answer.code, code)
    const after = await s3.ask('GET', '/bucket/k')
    assert.equal(after.text, 'before')
    assert.equal(after.headers['x-amz-meta-a'], 'b')
  })
}

test('a failed precondition names its header', async () => {
  await using s3 = await withBucket()
  await s3.ask('PUT', '/bucket/k', { body: 'x' })
  assert.deepEqual(
    texts(
      (await s3.ask('PUT', '/bucket/k', { body: 'y', headers: { 'if-none-match': '*' } })).text,
      'Condition',
    ),
    ['If-None-Match'],
  )
  assert.deepEqual(
    texts((await s3.ask('GET', '/bucket/k', { headers: { 'if-match': 'z' } })).text, 'Condition'),
    ['If-Match'],
  )
  const absent = await s3.ask('PUT', '/bucket/absent', { body: 'y', headers: { 'if-match': '*' } })
  assert.equal(absent.status, 404)
  assert.equal(absent.code, 'NoSuchKey')
})

test('a checksum is verified, kept, and told to who asks for it', async () => {
  await using s3 = await withBucket()
  const put = await s3.ask('PUT', '/bucket/k', {
    body: '123456789',
    headers: { 'x-amz-checksum-crc32c': '4waSgw==' },
  })
  assert.equal(put.headers['x-amz-checksum-crc32c'], '4waSgw==')
  const plain = await s3.ask('GET', '/bucket/k')
  assert.equal(plain.headers['x-amz-checksum-crc32c'], undefined)
  for (const method of ['GET', 'HEAD']) {
    const asked = await s3.ask(method, '/bucket/k', { headers: { 'x-amz-checksum-mode': 'ENABLED' } })
    assert.equal(asked.headers['x-amz-checksum-crc32c'], '4waSgw==')
    assert.equal(asked.headers['x-amz-checksum-type'], 'FULL_OBJECT')
  }
  const part = await s3.ask('GET', '/bucket/k', {
    headers: { 'x-amz-checksum-mode': 'ENABLED', range: 'bytes=0-3' },
  })
  assert.equal(part.headers['x-amz-checksum-crc32c'], undefined)
})

const ranges: [range: string, status: number, text: string, contentRange?: string][] = [
  ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
  ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
  ['bytes=-3', 206, '789', 'bytes 7-9/10'],
  ['bytes=-30', 206, '0123456789', 'bytes 0-9/10'],
  ['bytes=8-100', 206, '89', 'bytes 8-9/10'],
  ['bytes=0-1,3-4', 200, '0123456789'],
  ['bytes=5-2', 200, '0123456789'],
  ['lines=0-3', 200, '0123456789'],
]
for (const [range, status, text, contentRange] of ranges) {
  test(`${range} of ten bytes: ${status} ${text}`, async () => {
    await using s3 = await withBucket()
    await s3.ask('PUT', '/bucket/k', { body: '0123456789' })
    const got = await s3.ask('GET', '/bucket/k', { headers: { range } })
    const head = await s3.ask('HEAD', '/bucket/k', { headers: { range } })
    assert.equal(got.status, status)
    assert.equal(got.text, text)
    assert.equal(got.headers['content-range'], contentRange)
    assert.equal(got.headers['content-length'], String(text.length))
    assert.deepEqual(withoutIds(head.headers), withoutIds(got.headers))
    assert.equal(head.status, got.status)
  })
}

const withoutIds = (headers: Readonly<Record<string, string>>): Record<string, string> => {
  const { 'x-amz-request-id': _, ...rest } = headers
  return rest
}

test('a range past the end is refused, saying how much there is', async () => {
  await using s3 = await withBucket()
  await s3.ask('PUT', '/bucket/k', { body: '0123456789' })
  await s3.ask('PUT', '/bucket/empty', { body: '' })
  const answer = await s3.ask('GET', '/bucket/k', { headers: { range: 'bytes=10-' } })
  assert.equal(answer.status, 416)
  assert.equal(answer.code, 'InvalidRange')
  assert.deepEqual(texts(answer.text, 'ActualObjectSize'), ['10'])
  assert.deepEqual(texts(answer.text, 'RangeRequested'), ['bytes=10-'])
  assert.equal((await s3.ask('GET', '/bucket/k', { headers: { range: 'bytes=-0' } })).status, 416)
  assert.equal((await s3.ask('GET', '/bucket/empty', { headers: { range: 'bytes=0-' } })).status, 416)
  assert.equal((await s3.ask('GET', '/bucket/empty', { headers: { range: 'bytes=-5' } })).status, 200)
  const head = await s3.ask('HEAD', '/bucket/k', { headers: { range: 'bytes=10-' } })
  assert.equal(head.status, 416)
  assert.equal(head.text, '')
})

test('If-Range gives the range of what the client knows, and the whole of anything else', async () => {
  await using s3 = await withBucket()
  const { headers } = await s3.ask('PUT', '/bucket/k', { body: '0123456789' })
  const get = async (ifRange: string, more: Record<string, string> = {}) => {
    const { status, text } = await s3.ask('GET', '/bucket/k', {
      headers: { range: 'bytes=0-1', 'if-range': ifRange, ...more },
    })
    return [status, text]
  }
  assert.deepEqual(await get(headers['etag']!), [206, '01'])
  assert.deepEqual(await get('"another"'), [200, '0123456789'])
  assert.deepEqual(await get('Sun, 06 Nov 1994 08:49:37 GMT'), [200, '0123456789'])
  const lastModified = (await s3.ask('HEAD', '/bucket/k')).headers['last-modified']!
  assert.deepEqual(await get(lastModified), [206, '01'])
  assert.equal((await get(headers['etag']!, { 'if-match': '"another"' }))[0], 412)
})

test('the conditions of a read, and what 304 tells', async () => {
  await using s3 = await withBucket()
  const put = await s3.ask('PUT', '/bucket/k', {
    body: 'x',
    headers: { 'cache-control': 'max-age=9', expires: 'soon' },
  })
  const etag = put.headers['etag']!
  const future = 'Sun, 06 Nov 2994 08:49:37 GMT'
  const past = 'Sun, 06 Nov 1994 08:49:37 GMT'
  const table: [Record<string, string>, number][] = [
    [{ 'if-match': etag }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': '"other"' }, 412],
    [{ 'if-none-match': etag }, 304],
    [{ 'if-none-match': `"other", ${etag}` }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"other"' }, 200],
    [{ 'if-modified-since': past }, 200],
    [{ 'if-modified-since': future }, 200],
    [{ 'if-unmodified-since': past }, 412],
    [{ 'if-unmodified-since': future }, 200],
    [{ 'if-match': etag, 'if-unmodified-since': past }, 200],
    [{ 'if-none-match': '"other"', 'if-modified-since': future }, 200],
    [{ 'if-match': '"other"', 'if-none-match': etag }, 412],
  ]
  for (const [headers, status] of table)
    for (const method of ['GET', 'HEAD'])
      assert.equal((await s3.ask(method, '/bucket/k', { headers })).status, status, JSON.stringify(headers))
  const lastModified = (await s3.ask('HEAD', '/bucket/k')).headers['last-modified']!
  const same = await s3.ask('GET', '/bucket/k', { headers: { 'if-modified-since': lastModified } })
  assert.equal(same.status, 304)
  assert.equal(same.text, '')
  assert.equal(same.headers['etag'], etag)
  assert.equal(same.headers['last-modified'], lastModified)
  assert.equal(same.headers['cache-control'], 'max-age=9')
  assert.equal(same.headers['expires'], 'soon')
  assert.equal(same.headers['content-type'], undefined)
  assert.equal(same.headers['content-length'], undefined)
  assert.match(same.headers['x-amz-request-id']!, /./)
})

test('a caller may have the answer carry other headers than the stored ones', async () => {
  await using s3 = await withBucket()
  await s3.ask('PUT', '/bucket/k', { body: 'x', headers: { 'content-type': 'a/b' } })
  const query =
    'response-content-type=text%2Fplain&response-content-disposition=attachment&response-cache-control=no-store&response-content-language=de&response-content-encoding=gzip&response-expires=never'
  for (const method of ['GET', 'HEAD']) {
    const { headers } = await s3.ask(method, `/bucket/k?${query}`)
    assert.equal(headers['content-type'], 'text/plain')
    assert.equal(headers['content-disposition'], 'attachment')
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['content-language'], 'de')
    assert.equal(headers['content-encoding'], 'gzip')
    assert.equal(headers['expires'], 'never')
  }
  const emptied = await s3.ask('GET', '/bucket/k?response-content-type=')
  assert.equal(emptied.headers['content-type'], 'a/b')
  const split = await s3.ask('GET', '/bucket/k?response-content-type=a%0D%0Ab')
  assert.equal(split.code, 'InvalidArgument')
})

test('the part of an object that was never in parts is the whole', async () => {
  await using s3 = await withBucket()
  await s3.ask('PUT', '/bucket/k', { body: '0123456789' })
  const part = await s3.ask('GET', '/bucket/k?partNumber=1')
  assert.equal(part.status, 206)
  assert.equal(part.headers['content-range'], 'bytes 0-9/10')
  assert.equal(part.headers['x-amz-mp-parts-count'], undefined)
  assert.equal((await s3.ask('GET', '/bucket/k?partNumber=2')).code, 'InvalidPartNumber')
  assert.equal((await s3.ask('GET', '/bucket/k?partNumber=0')).code, 'InvalidArgument')
  assert.equal((await s3.ask('GET', '/bucket/k?partNumber=x')).code, 'InvalidArgument')
  const both = await s3.ask('GET', '/bucket/k?partNumber=1', { headers: { range: 'bytes=0-1' } })
  assert.equal(both.code, 'InvalidRequest')
})

test('the only version is null, and no other is read or deleted', async () => {
  await using s3 = await withBucket()
  await s3.ask('PUT', '/bucket/k', { body: 'x' })
  assert.equal((await s3.ask('GET', '/bucket/k?versionId=null')).text, 'x')
  for (const method of ['GET', 'DELETE'])
    for (const versionId of ['', 'abc', 'A'.repeat(32)])
      assert.equal((await s3.ask(method, `/bucket/k?versionId=${versionId}`)).code, 'InvalidArgument')
  assert.equal((await s3.ask('GET', `/bucket/k?versionId=${'a'.repeat(32)}`)).code, 'NoSuchVersion')
  assert.equal((await s3.ask('DELETE', `/bucket/k?versionId=${'a'.repeat(32)}`)).status, 204)
  assert.equal((await s3.ask('GET', '/bucket/k')).text, 'x')
  assert.equal((await s3.ask('DELETE', '/bucket/k?versionId=null')).status, 204)
  assert.equal((await s3.ask('GET', '/bucket/k')).code, 'NoSuchKey')
})

test('deleting what is not there succeeds, unless a condition wants it there', async () => {
  await using s3 = await withBucket()
  assert.equal((await s3.ask('DELETE', '/bucket/absent')).status, 204)
  assert.equal((await s3.ask('DELETE', '/bucket/absent', { headers: { 'if-match': '*' } })).code, 'NoSuchKey')
  await s3.ask('PUT', '/bucket/k', { body: 'x' })
  assert.equal((await s3.ask('DELETE', '/bucket/k', { headers: { 'if-match': '"other"' } })).status, 412)
  assert.equal((await s3.ask('DELETE', '/bucket/k', { headers: { 'if-none-match': '*' } })).status, 501)
  assert.equal((await s3.ask('DELETE', '/bucket/k', { headers: { 'x-amz-if-match-size': '9' } })).status, 501)
  assert.equal((await s3.ask('GET', '/bucket/k')).text, 'x')
  assert.equal(
    (await s3.ask('DELETE', '/bucket/k', { headers: { 'if-match': `"${md5('x')}"` } })).status,
    204,
  )
})

test('attributes are told as asked, the ETag without quotes', async () => {
  await using s3 = await withBucket()
  await s3.ask('PUT', '/bucket/k', { body: '123456789', headers: { 'x-amz-checksum-crc32': 'y/Q5Jg==' } })
  const ask = (wanted: string | undefined) =>
    s3.ask('GET', '/bucket/k?attributes', {
      headers: wanted === undefined ? {} : { 'x-amz-object-attributes': wanted },
    })
  const all = await ask('ObjectSize, ETag,Checksum,StorageClass,ObjectParts')
  assert.match(
    all.text,
    /<GetObjectAttributesResponse xmlns="[^"]+"><ETag>25f9e794323b453885f5181f1b624d0b<\/ETag><Checksum><ChecksumCRC32>y\/Q5Jg==<\/ChecksumCRC32><ChecksumType>FULL_OBJECT<\/ChecksumType><\/Checksum><StorageClass>STANDARD<\/StorageClass><ObjectSize>9<\/ObjectSize><\/GetObjectAttributesResponse>$/,
  )
  assert.match(all.headers['last-modified']!, /GMT$/)
  assert.doesNotMatch((await ask('ObjectSize')).text, /ETag/)
  assert.equal((await ask(undefined)).code, 'InvalidRequest')
  assert.equal((await ask('')).code, 'InvalidRequest')
  assert.equal((await ask('Colour')).code, 'InvalidArgument')
})
