import assert from 'node:assert/strict'
import test from 'node:test'
import { createS3Handler, type Principal, type RequestRecord, S3Error } from '@aquifer/http-adapter'
import { openEngine } from './open-engine.js'
import { type Asked, owner, S3InMemory, texts } from './s3-in-memory.js'

test('every answer has its ids, and the document names the same', async () => {
  await using s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  const seen = new Set<string>()
  for (const [method, url] of [
    ['GET', '/'],
    ['HEAD', '/bucket'],
    ['GET', '/bucket/absent'],
    ['HEAD', '/absent'],
    ['PATCH', '/bucket'],
    ['OPTIONS', '/bucket'],
    ['GET', '/bucket?acl&policy'],
  ] as const) {
    const { headers, text, status } = await s3.ask(method, url)
    const id = headers['x-amz-request-id']!
    assert.match(id, /^[0-9A-Z]{16}$/)
    assert.match(headers['x-amz-id-2']!, /^[A-Za-z0-9+/=]{40,}$/)
    assert.ok(!seen.has(id))
    seen.add(id)
    if (status >= 400 && method !== 'HEAD') {
      assert.deepEqual(texts(text, 'RequestId'), [id])
      assert.deepEqual(texts(text, 'HostId'), [headers['x-amz-id-2']])
      assert.equal(headers['content-type'], 'application/xml')
    }
  }
})

test('an error has its document, without a namespace, in S3’s order; for HEAD there is none', async () => {
  await using s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  const got = await s3.ask('GET', '/bucket/a%26b')
  assert.equal(got.status, 404)
  assert.match(
    got.text,
    /^<\?xml version="1.0" encoding="UTF-8"\?>\n<Error><Code>NoSuchKey<\/Code><Message>[^<]+<\/Message><Key>a&amp;b<\/Key><RequestId>\w+<\/RequestId><HostId>[^<]+<\/HostId><\/Error>$/,
  )
  const head = await s3.ask('HEAD', '/bucket/a%26b')
  assert.equal(head.status, 404)
  assert.equal(head.bytes.length, 0)
  assert.equal(head.headers['content-length'], '0')
})

test('a missing bucket is found before a wrong argument, and after a refused method', async () => {
  await using s3 = await S3InMemory.open()
  assert.equal((await s3.ask('GET', '/absent?max-keys=x')).code, 'NoSuchBucket')
  assert.equal(
    (await s3.ask('PUT', '/absent/k', { body: 'x', headers: { 'x-amz-acl': 'public-read' } })).code,
    'NoSuchBucket',
  )
  assert.equal((await s3.ask('GET', '/absent/k?partNumber=x')).code, 'NoSuchBucket')
  assert.equal((await s3.ask('HEAD', '/absent?acl')).status, 501)
  assert.equal((await s3.ask('HEAD', '/absent?policy')).status, 405)
})

test('anonymous callers may do nothing, and learn nothing but whether a bucket is there', async () => {
  const anonymous: Principal = { anonymous: true, ownerId: '', displayName: '' }
  await using s3 = await S3InMemory.open({ authenticate: () => anonymous })
  await s3.engine.createBucket('bucket')
  await s3.engine.bucket('bucket').put('k', Buffer.from('x'))
  for (const [method, url] of [
    ['GET', '/'],
    ['GET', '/bucket'],
    ['GET', '/bucket/k'],
    ['GET', '/bucket/absent'],
    ['PUT', '/bucket/k'],
    ['DELETE', '/bucket/k'],
    ['PUT', '/fresh'],
    ['GET', '/bucket?logging'],
    ['POST', '/bucket/k?uploads'],
  ] as const)
    assert.equal((await s3.ask(method, url)).code, 'AccessDenied', `${method} ${url}`)
  assert.equal((await s3.ask('GET', '/absent/k')).code, 'NoSuchBucket')
  const body = '<Delete><Object><Key>k</Key></Object></Delete>'
  const many = await s3.ask('POST', '/bucket?delete', {
    body,
    headers: { 'content-md5': '5YPplEb7NrFYuEyCCAo1nQ==' },
  })
  assert.ok(many.status !== 200 || texts(many.text, 'Code')[0] === 'AccessDenied', many.text)
  assert.equal((await s3.engine.bucket('bucket').head('k')).sizeBytes, 1)
})

test('what the caller’s own rule allows is allowed, and it is asked about a copy’s source too', async () => {
  const asked: string[] = []
  await using s3 = await S3InMemory.open({
    authorize: ({ action, bucket, key }) => {
      asked.push(`${action} ${bucket}/${key}`)
      return key !== 'secret'
    },
  })
  await s3.engine.createBucket('bucket')
  await s3.engine.bucket('bucket').put('secret', Buffer.from('x'))
  const copy = await s3.ask('PUT', '/bucket/copy', { headers: { 'x-amz-copy-source': '/bucket/secret' } })
  assert.equal(copy.code, 'AccessDenied')
  assert.deepEqual(asked, ['s3:PutObject bucket/copy', 's3:GetObject bucket/secret'])
  assert.equal((await s3.ask('GET', '/bucket/copy')).code, 'NoSuchKey')
})

test('anonymous reads, where they are allowed, may not dress up the answer', async () => {
  const anonymous: Principal = { anonymous: true, ownerId: '', displayName: '' }
  await using s3 = await S3InMemory.open({
    authenticate: () => anonymous,
    authorize: ({ action }) => action === 's3:GetObject',
  })
  await s3.engine.createBucket('bucket')
  await s3.engine.bucket('bucket').put('k', Buffer.from('x'))
  assert.equal((await s3.ask('GET', '/bucket/k')).text, 'x')
  assert.equal((await s3.ask('GET', '/bucket/k?response-content-type=text/html')).code, 'InvalidRequest')
})

test('a bucket of another owner than expected is not touched', async () => {
  await using s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  const expect = (id: string) => ({ body: 'x', headers: { 'x-amz-expected-bucket-owner': id } })
  assert.equal((await s3.ask('PUT', '/bucket/k', expect('someone'))).code, 'AccessDenied')
  assert.equal((await s3.ask('PUT', '/bucket/k', expect(owner.ownerId))).status, 200)
  assert.equal((await s3.ask('PUT', '/absent/k', expect('someone'))).code, 'NoSuchBucket')
  const copy = (id: string) => ({
    headers: { 'x-amz-copy-source': 'bucket/k', 'x-amz-source-expected-bucket-owner': id },
  })
  assert.equal((await s3.ask('PUT', '/bucket/copied', copy('someone'))).code, 'AccessDenied')
  assert.equal((await s3.ask('PUT', '/bucket/copied', copy(owner.ownerId))).status, 200)
  const part = '/bucket/copied?partNumber=1&uploadId=absent'
  assert.equal((await s3.ask('PUT', part, copy('someone'))).code, 'AccessDenied')
})

test('an authentication that throws is the answer', async () => {
  await using s3 = await S3InMemory.open({
    authenticate: () => {
      throw new S3Error('AccessDenied', 'Not today.')
    },
  })
  const answer = await s3.ask('GET', '/')
  assert.equal(answer.status, 403)
  assert.deepEqual(texts(answer.text, 'Message'), ['Not today.'])
})

test('one of credentials and an authentication of one’s own must be given', async () => {
  await using engine = await openEngine({})
  assert.throws(() => createS3Handler(engine, {}), TypeError)
  assert.throws(
    () =>
      createS3Handler(engine, {
        authenticate: () => owner,
        credentials: { findCredentials: () => undefined },
      }),
    TypeError,
  )
})

test('each request is told of once, when it is over', async () => {
  const records: RequestRecord[] = []
  await using s3 = await S3InMemory.open({ log: (record) => records.push(record) })
  await s3.ask('PUT', '/bucket')
  await s3.ask('PUT', '/bucket/k', { body: Buffer.alloc(200_000) })
  await s3.ask('GET', '/bucket/k')
  await s3.ask('GET', '/bucket/absent')
  await s3.ask('HEAD', '/bucket/k')
  assert.deepEqual(
    records.map(({ operation, bucket, key, status, bytes, code }) => [
      operation,
      bucket,
      key,
      status,
      bytes > 300 ? 'many' : bytes > 0,
      code,
    ]),
    [
      ['CreateBucket', 'bucket', '', 200, false, undefined],
      ['PutObject', 'bucket', 'k', 200, false, undefined],
      ['GetObject', 'bucket', 'k', 200, 'many', undefined],
      ['GetObject', 'bucket', 'absent', 404, true, 'NoSuchKey'],
      ['HeadObject', 'bucket', 'k', 200, false, undefined],
    ],
  )
  assert.equal(records[2]!.bytes, 200_000)
  assert.equal(records[2]!.principal?.accessKeyId, 'KEY')
})

test('a log that throws harms nothing', async () => {
  await using s3 = await S3InMemory.open({
    log: () => {
      throw new Error('the disk of the log is full')
    },
  })
  assert.equal((await s3.ask('PUT', '/bucket')).status, 200)
})

test('our own trouble is told without particulars, and to the log with them', async () => {
  const records: RequestRecord[] = []
  await using s3 = await S3InMemory.open({
    log: (record) => records.push(record),
    authorize: () => {
      throw new TypeError('the rule has a hole: secret=42')
    },
  })
  const answer = await s3.ask('GET', '/')
  assert.equal(answer.status, 500)
  assert.equal(answer.code, 'InternalError')
  assert.doesNotMatch(answer.text, /secret/)
  assert.match(String(records[0]?.error), /secret=42/)
})

test('a closed engine is a service that is unavailable for the moment', async () => {
  await using s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  await s3.engine.close()
  const answer = await s3.ask('GET', '/bucket/k')
  assert.equal(answer.status, 503)
  assert.equal(answer.code, 'ServiceUnavailable')
  assert.equal(answer.headers['retry-after'], '5')
})

test('a browser that asks before it sends is told no, in words it understands', async () => {
  await using s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  const asked = { headers: { origin: 'https://app.example', 'access-control-request-method': 'PUT' } }
  const answer = await s3.ask('OPTIONS', '/bucket/k', asked)
  assert.equal(answer.status, 403)
  assert.equal(answer.code, 'AccessForbidden')
  assert.equal((await s3.ask('OPTIONS', '/bucket/k')).code, 'BadRequest')
})

test('under a base path and with names of buckets in the host', async () => {
  await using s3 = await S3InMemory.open({ basePath: '/storage/', domains: ['s3.example.com'] })
  assert.equal((await s3.ask('PUT', '/storage/bucket')).status, 200)
  const host = { host: 'bucket.s3.example.com:9000' }
  assert.equal((await s3.ask('PUT', '/storage/k', { body: 'x', headers: host })).status, 200)
  assert.equal((await s3.ask('GET', '/storage/bucket/k')).text, 'x')
  assert.equal((await s3.ask('GET', '/bucket/k')).code, 'InvalidURI')
})

test('errors speak in S3’s words', async () => {
  await using s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  await s3.ask('PUT', '/bucket/k', { body: 'hello' })
  const messages: [method: string, url: string, asked: Asked, message: string][] = [
    [
      'PUT',
      '/bucket',
      {},
      'Your previous request to create the named bucket succeeded and you already own it.',
    ],
    ['DELETE', '/bucket', {}, 'The bucket you tried to delete is not empty'],
    ['GET', '/absent', {}, 'The specified bucket does not exist'],
    ['GET', '/bucket/absent', {}, 'The specified key does not exist.'],
    ['PUT', `/bucket/${'k'.repeat(1_025)}`, { body: '' }, 'Your key is too long'],
    ['GET', '/bucket/k', { headers: { range: 'bytes=9-' } }, 'The requested range is not satisfiable'],
    ['GET', '/bucket/k?partNumber=2', {}, 'The requested partnumber is not satisfiable'],
    [
      'GET',
      '/bucket/k',
      { headers: { 'if-match': 'x' } },
      'At least one of the pre-conditions you specified did not hold',
    ],
    [
      'PUT',
      '/bucket/k',
      { body: 'hello', headers: { 'x-amz-checksum-crc32': 'AAAAAA==' } },
      'The CRC32 you specified did not match the calculated checksum.',
    ],
    [
      'PUT',
      '/bucket/k',
      { body: 'hello', headers: { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' } },
      'The Content-MD5 you specified did not match what we received.',
    ],
    [
      'PUT',
      '/bucket/k',
      { body: 'hello', headers: { 'content-md5': '' } },
      'The Content-MD5 you specified was invalid.',
    ],
    [
      'GET',
      '/bucket/k?uploadId=absent',
      {},
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    ],
  ]
  for (const [method, url, asked, message] of messages) {
    const { text } = await s3.ask(method, url, asked)
    assert.ok(text.includes(`<Message>${message}</Message>`), `${method} ${url}: ${text}`)
  }
})

test('a missing bucket is found before what is wrong with a key or a header', async () => {
  await using s3 = await S3InMemory.open()
  for (const [url, headers] of [
    [`/absent/${'k'.repeat(1_025)}`, {}],
    ['/absent/k', { 'content-md5': 'x' }],
    ['/absent/k', { 'x-amz-meta-a': 'x'.repeat(3_000) }],
  ] as const)
    assert.equal((await s3.ask('PUT', url, { body: 'x', headers })).code, 'NoSuchBucket', url)
})

test('a document without its length is asked for it', async () => {
  await using s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  for (const url of ['/bucket?delete', '/bucket/k?uploadId=x']) {
    const headers = { 'content-md5': '1B2M2Y8AsgTpgAmY7PhCfg==' }
    assert.equal((await s3.ask('POST', url, { headers })).code, 'MissingContentLength', url)
  }
})
