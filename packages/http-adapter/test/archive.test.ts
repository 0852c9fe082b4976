// Reading inside zip archives: GET, HEAD and lists with x-minio-extract.
import assert from 'node:assert/strict'
import test from 'node:test'
import { crc32, deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { archive, archive64, archiveOfBzip2 } from './archives.js'
import { arn, StoreWithUsers } from './authorization/store-with-users.js'
import { fuzz } from './fuzz.js'
import { type Answered, S3InMemory, texts } from './s3-in-memory.js'

const extract = { 'x-minio-extract': 'true' }

async function opened(bytes: Uint8Array = archive) {
  const s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  await s3.ask('PUT', '/bucket/a/b.zip', { body: bytes })
  return {
    s3,
    ask: (method: string, inner: string, headers: Record<string, string> = {}): Promise<Answered> =>
      s3.ask(method, `/bucket/a/b.zip/${inner}`, { headers: { ...extract, ...headers } }),
    list: (query: string): Promise<Answered> =>
      s3.ask('GET', `/bucket?list-type=2&${query}`, { headers: extract }),
    [Symbol.asyncDispose]: () => s3[Symbol.asyncDispose](),
  }
}

test('a file of an archive is read by its path, packed or stored, with the time and ETag of the archive', async () => {
  await using zip = await opened()
  const whole = await zip.s3.ask('HEAD', '/bucket/a/b.zip')
  const expected: [inner: string, text: string, type: string][] = [
    ['readme.txt', 'read me '.repeat(50), 'text/plain'],
    ['dir/stored.json', '{"a":1}', 'application/json'],
    [encodeURI('dir/ü – é.html'), '<p>ü</p>', 'text/html'],
    ['empty', '', 'application/octet-stream'],
  ]
  for (const [inner, text, type] of expected) {
    const got = await zip.ask('GET', inner)
    const head = await zip.ask('HEAD', inner)
    assert.deepEqual([got.status, got.text], [200, text], inner)
    for (const { headers } of [got, head]) {
      assert.equal(headers['content-length'], String(Buffer.byteLength(text)))
      assert.equal(headers['content-type'], type)
      assert.equal(headers['accept-ranges'], undefined)
      for (const name of ['etag', 'last-modified']) assert.equal(headers[name], whole.headers[name])
    }
  }
  const typed = await zip.s3.ask('GET', '/bucket/a/b.zip/empty?response-content-type=a/b', {
    headers: extract,
  })
  assert.equal(typed.headers['content-type'], 'a/b')
})

test('what is not in it, and a folder, is not there; without the header the key is any other', async () => {
  await using zip = await opened()
  for (const inner of ['none', 'dir/', 'dir', 'readme.txt/x'])
    assert.deepEqual(
      [(await zip.ask('GET', inner)).status, (await zip.ask('GET', inner)).code],
      [404, 'NoSuchKey'],
    )
  assert.equal((await zip.s3.ask('GET', '/bucket/a/b.zip/readme.txt')).code, 'NoSuchKey')
  for (const path of ['a/b.zip', 'a/b.zip/', 'a/b'])
    assert.equal(
      (await zip.s3.ask('GET', `/bucket/${path}`, { headers: extract })).code,
      'InvalidRequest',
      path,
    )
  assert.equal((await zip.s3.ask('GET', '/bucket/none.zip/a', { headers: extract })).code, 'NoSuchKey')
})

test('conditions are about the archive; ranges and parts are refused', async () => {
  await using zip = await opened()
  const { etag } = (await zip.ask('HEAD', 'empty')).headers
  assert.equal((await zip.ask('GET', 'empty', { 'if-none-match': etag! })).status, 304)
  assert.equal((await zip.ask('GET', 'empty', { 'if-match': '"other"' })).status, 412)
  const range = await zip.ask('GET', 'readme.txt', { range: 'bytes=0-1' })
  assert.deepEqual([range.status, range.code], [416, 'InvalidRange'])
  const part = await zip.s3.ask('GET', '/bucket/a/b.zip/empty?partNumber=1', { headers: extract })
  assert.deepEqual([part.status, part.code], [416, 'InvalidPartNumber'])
})

test('a version of an archive is read in, the one that is asked for', async () => {
  await using zip = await opened()
  await zip.s3.engine.bucket('bucket').setConfiguration('versioning', 'enabled')
  await zip.s3.ask('PUT', '/bucket/a/b.zip', { body: zipOf([['readme.txt', Buffer.from('newer')]]) })
  assert.equal((await zip.ask('GET', 'readme.txt')).text, 'newer')
  const old = await zip.s3.ask('GET', '/bucket/a/b.zip/readme.txt?versionId=null', { headers: extract })
  assert.deepEqual([old.text, old.headers['x-amz-version-id']], ['read me '.repeat(50), 'null'])
})

test('a prefix that leads into an archive lists what is in it, by pages and with folders', async () => {
  await using zip = await opened()
  const keys = async (query: string) => texts((await zip.list(query)).text, 'Key')
  const all = ['a/b.zip/dir/stored.json', 'a/b.zip/dir/ü – é.html', 'a/b.zip/empty', 'a/b.zip/readme.txt']
  assert.deepEqual(await keys('prefix=a/b.zip/'), all)
  assert.deepEqual(await keys('prefix=a/b.zip/dir/s'), all.slice(0, 1))
  assert.deepEqual(await keys('prefix=a/b.zip/&start-after=a/b.zip/empty'), all.slice(3))
  const found: string[] = []
  for (let token = ''; ; ) {
    const { text } = await zip.list(`prefix=a/b.zip/&delimiter=/&max-keys=1${token}`)
    found.push(...texts(text, 'Key'), ...texts(text, 'Prefix').slice(1))
    if (texts(text, 'IsTruncated')[0] !== 'true') break
    token = `&continuation-token=${encodeURIComponent(texts(text, 'NextContinuationToken')[0]!)}`
  }
  assert.deepEqual(found, ['a/b.zip/dir/', 'a/b.zip/empty', 'a/b.zip/readme.txt'])
  const { text } = await zip.list('prefix=a/b.zip/readme')
  assert.deepEqual([texts(text, 'Size'), texts(text, 'KeyCount')], [['400'], ['1']])
  assert.deepEqual(await keys('prefix=a/'), ['a/b.zip'])
  assert.equal((await zip.list('prefix=none.zip/')).code, 'NoSuchKey')
})

test('it takes the right to read the archive, and no other', async () => {
  await using store = await StoreWithUsers.open()
  await store.engine.createBucket('bucket')
  await store.engine.bucket('bucket').put('b.zip', archive)
  const ask = async (path: string) => (await store.ask('GET', path, { headers: extract })).status
  await store.allow({ Effect: 'Allow', Action: 's3:GetObject', Resource: arn('bucket/b.zip/*') })
  assert.equal(await ask('/bucket/b.zip/readme.txt'), 403)
  await store.allow({ Effect: 'Allow', Action: 's3:GetObject', Resource: arn('bucket/b.zip') })
  assert.equal(await ask('/bucket/b.zip/readme.txt'), 200)
  assert.equal(await ask('/bucket/b.zip/none'), 404, 'who may read the archive may know what is in it')
  assert.equal(await ask('/bucket/none.zip/a'), 403)
  assert.equal(await ask('/bucket?list-type=2&prefix=b.zip/'), 403)
  await store.allow({ Effect: 'Allow', Action: 's3:ListBucket', Resource: arn('bucket') })
  assert.equal(await ask('/bucket?list-type=2&prefix=b.zip/'), 403)
  await store.allow({ Effect: 'Allow', Action: 's3:*', Resource: arn('bucket*') })
  assert.equal(await ask('/bucket?list-type=2&prefix=b.zip/'), 200)
})

test('numbers of 64 bits are read, and what stands before an archive does not matter', async () => {
  for (const bytes of [archive64, Buffer.concat([Buffer.from('#!/bin/sh\n'), archive64])]) {
    await using zip = await opened(bytes)
    assert.equal((await zip.ask('GET', 'large.txt')).text, 'sixty-four '.repeat(20))
  }
})

test('large files stream, and one that is not what the directory says ends in an error before its end', async () => {
  const large = Buffer.alloc(3_000_000, 'large ')
  const good = zipOf([['large', large]])
  await using zip = await opened(good)
  assert.ok((await zip.ask('GET', 'large')).bytes.equals(large))
  for (const [what, change] of [
    ['checksum', { crc: 1 }],
    ['larger', { sizeBytes: large.length - 1 }],
    ['smaller', { sizeBytes: large.length + 1 }],
  ] as const) {
    await zip.s3.ask('PUT', '/bucket/a/b.zip', { body: zipOf([['large', large]], change) })
    await assert.rejects(zip.ask('GET', 'large'), { code: 'InvalidRequest' }, what)
  }
  await zip.s3.ask('PUT', '/bucket/a/b.zip', { body: zipOf([['small', Buffer.from('small')]], { crc: 1 }) })
  const answer = await zip.ask('GET', 'small')
  assert.deepEqual([answer.status, answer.code], [400, 'InvalidRequest'], 'nothing was answered yet')
})

test('what is no archive, and what is packed or encrypted in ways not known, is said to be', async () => {
  for (const bytes of ['', 'no archive', 'PK\u0005\u0006', Buffer.alloc(100)]) {
    await using zip = await opened(Buffer.from(bytes))
    const answer = await zip.ask('GET', 'a')
    assert.deepEqual([answer.status, answer.code], [400, 'InvalidRequest'])
    assert.equal((await zip.list('prefix=a/b.zip/')).code, 'InvalidRequest')
  }
  await using other = await opened(archiveOfBzip2)
  assert.equal((await other.ask('GET', 'packed%20otherwise')).code, 'NotImplemented')
  assert.equal((await other.ask('HEAD', 'packed%20otherwise')).status, 200)
  await using encrypted = await opened(zipOf([['secret', Buffer.from('x')]], { flags: 1 }))
  assert.equal((await encrypted.ask('GET', 'secret')).code, 'NotImplemented')
})

test('S3 Express mode does not have it', async () => {
  await using s3 = await S3InMemory.open({ profile: 'express' })
  await s3.ask('PUT', '/bucket')
  assert.equal((await s3.ask('GET', '/bucket/b.zip/a', { headers: extract })).code, 'NotSupported')
})

const change = fc.record({ at: fc.nat(700), byte: fc.nat(255), cut: fc.boolean() })
fuzz(
  'a damaged archive is read right, or refused',
  fc.tuple(fc.constantFrom(archive, archive64), fc.array(change, { minLength: 1, maxLength: 4 })),
  async ([whole, changes]) => {
    let bytes = Buffer.from(whole)
    for (const { at, byte, cut } of changes)
      if (cut) bytes = bytes.subarray(0, bytes.length - (at % 40))
      else if (bytes.length > 0) bytes[at % bytes.length] = byte
    await using zip = await opened(bytes)
    for (const inner of ['readme.txt', 'large.txt', 'dir/stored.json']) {
      // Of what is called large the fault shows when the answer has begun.
      const answer = await zip.ask('GET', inner).catch((error) => {
        if (error.code !== 'InvalidRequest') throw error
      })
      assert.ok(answer === undefined || [200, 400, 404, 501].includes(answer.status), answer?.text)
    }
    const listed = await zip.list('prefix=a/b.zip/')
    assert.ok([200, 400].includes(listed.status), listed.text)
  },
)

/** An archive of packed files, in which something may be said that is not so. */
function zipOf(
  files: readonly (readonly [name: string, bytes: Buffer])[],
  { crc, sizeBytes, flags = 0 }: { crc?: number; sizeBytes?: number; flags?: number } = {},
): Buffer {
  const local: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, bytes] of files) {
    const packed = deflateRawSync(bytes)
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt16LE(flags, 2)
    facts.writeUInt16LE(8, 4)
    facts.writeUInt32LE(crc ?? crc32(bytes), 10)
    facts.writeUInt32LE(packed.length, 14)
    facts.writeUInt32LE(sizeBytes ?? bytes.length, 18)
    facts.writeUInt16LE(Buffer.byteLength(name), 22)
    const head = Buffer.concat([Buffer.from('PK\u0003\u0004'), facts, Buffer.from(name)])
    local.push(head, packed)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\0'), facts, place, Buffer.from(name)]))
    offset += head.length + packed.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006', 'latin1')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(listed.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...local, listed, end])
}
