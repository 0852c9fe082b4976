// AppendObject in S3 Express mode, row by row: a PUT with `x-amz-write-offset-bytes`.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { crc32 } from 'node:zlib'
import { type Answered, type Asked, S3InMemory } from './s3-in-memory.js'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64')
const crcOf = (text: string): string => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(text))
  return bytes.toString('base64')
}

interface Log {
  readonly s3: S3InMemory
  append(offset: number | string, body: string, headers?: Record<string, string>): Promise<Answered>
  put(body: string, headers?: Record<string, string>): Promise<Answered>
  read(asked?: Asked): Promise<Answered>
}

async function opened(): Promise<Log & AsyncDisposable> {
  const s3 = await S3InMemory.open({ profile: 'express' })
  await s3.ask('PUT', '/bucket')
  const url = '/bucket/log'
  return {
    s3,
    append: (offset, body, headers = {}) =>
      s3.ask('PUT', url, { body, headers: { 'x-amz-write-offset-bytes': String(offset), ...headers } }),
    put: (body, headers = {}) => s3.ask('PUT', url, { body, headers }),
    read: (asked = {}) => s3.ask('GET', url, asked),
    [Symbol.asyncDispose]: () => s3[Symbol.asyncDispose](),
  }
}

const told = ({ status, code }: Answered): unknown[] => [status, code]

test('the offset must be the object’s size: anything else is 400 InvalidWriteOffset, and no overwrite', async () => {
  await using log = await opened()
  assert.deepEqual(told(await log.append(1, 'x')), [400, 'InvalidWriteOffset'])
  assert.equal((await log.read()).status, 404)
  assert.equal((await log.append(0, 'one')).status, 200)
  for (const offset of [0, 2, 4, 2 ** 40])
    assert.deepEqual(told(await log.append(offset, 'x')), [400, 'InvalidWriteOffset'], `${offset}`)
  for (const offset of ['-1', '1.5', '0x3', '', '3,3'])
    assert.deepEqual(told(await log.append(offset, 'x')), [400, 'InvalidArgument'], `"${offset}"`)
  assert.equal((await log.read()).text, 'one')
  assert.equal((await log.put('two')).status, 200)
  assert.equal((await log.read()).text, 'two')
})

test('the answer has a new ETag, and the size of the whole', async () => {
  await using log = await opened()
  const etags = new Set<string>()
  for (const [at, piece] of ['a', 'bc', 'def'].entries()) {
    const answer = await log.append([0, 1, 3][at]!, piece)
    assert.equal(answer.headers['x-amz-object-size'], String([1, 3, 6][at]))
    assert.equal((await log.read()).headers['etag'], answer.headers['etag'])
    etags.add(answer.headers['etag']!)
  }
  assert.equal(etags.size, 3)
})

test('no bytes are appended as little as none: the offset is checked, and nothing changes', async () => {
  await using log = await opened()
  const { etag } = (await log.put('abc')).headers
  assert.deepEqual(told(await log.append(2, '')), [400, 'InvalidWriteOffset'])
  const answer = await log.append(3, '')
  assert.deepEqual(
    [answer.status, answer.headers['x-amz-object-size'], answer.headers['etag']],
    [200, '3', etag],
  )
})

test('one append takes no more than 5 GiB, which is known before a byte of it is read', async () => {
  await using log = await opened()
  const answer = await log.append(0, 'x', { 'content-length': String(5 * 1024 ** 3 + 1) })
  assert.deepEqual(told(answer), [400, 'EntityTooLarge'])
})

test('what an object is called belongs to its first bytes: an append changes no header and takes no metadata', async () => {
  await using log = await opened()
  await log.append(0, 'a', { 'content-type': 'text/plain', 'x-amz-meta-a': 'b' })
  assert.deepEqual(told(await log.append(1, 'b', { 'x-amz-meta-a': 'c' })), [400, 'InvalidRequest'])
  assert.equal((await log.append(1, 'b', { 'content-type': 'text/html' })).status, 200)
  const { headers } = await log.read()
  assert.deepEqual([headers['content-type'], headers['x-amz-meta-a']], ['text/plain', 'b'])
})

for (const algorithm of ['crc32', 'crc32c', 'crc64nvme'] as const)
  test(`${algorithm} goes on over the whole object, whether or not an append brings one`, async () => {
    await using log = await opened()
    const name = `x-amz-checksum-${algorithm}`
    const bucket = log.s3.engine.bucket('bucket')
    const put = (key: string, text: string) =>
      bucket.put(key, Buffer.from(text), { checksumAlgorithm: algorithm })
    const made = async (text: string) => (await put('whole', text)).checksums[algorithm]!
    await put('log', 'one ')
    const second = await log.append(4, 'two ', { [name]: await made('two ') })
    assert.equal(second.headers[name], await made('one two '))
    assert.equal(second.headers['x-amz-checksum-type'], 'FULL_OBJECT')
    const third = await log.append(8, 'three')
    assert.equal(third.headers[name], await made('one two three'))
    const wrong = await log.append(13, 'four', { [name]: await made('for') })
    assert.deepEqual(told(wrong), [400, 'BadDigest'])
    const read = await log.read({ headers: { 'x-amz-checksum-mode': 'ENABLED' } })
    assert.deepEqual([read.text, read.headers[name]], ['one two three', third.headers[name]])
  })

test('a SHA-256 cannot go on: the answer has that of the added bytes, and the object has none', async () => {
  await using log = await opened()
  await log.put('one ', { 'x-amz-checksum-sha256': sha256('one ') })
  const answer = await log.append(4, 'two', { 'x-amz-checksum-sha256': sha256('two') })
  assert.equal(answer.headers['x-amz-checksum-sha256'], sha256('two'))
  const read = await log.read({ headers: { 'x-amz-checksum-mode': 'ENABLED' } })
  assert.equal(read.headers['x-amz-checksum-sha256'], undefined)
})

test('the algorithm must be the object’s, and a composite checksum takes no appends', async () => {
  await using log = await opened()
  await log.put('abc', { 'x-amz-checksum-crc32': crcOf('abc') })
  const other = await log.append(3, 'd', { 'x-amz-checksum-sha256': sha256('d') })
  assert.deepEqual(told(other), [400, 'InvalidRequest'])
  const upload = await log.s3.engine.bucket('bucket').createUpload('log', { checksumAlgorithm: 'sha256' })
  await upload.complete([
    await upload.putPart(1, Buffer.from('abc'), { checksums: { sha256: sha256('abc') } }),
  ])
  assert.deepEqual(told(await log.append(3, 'd')), [400, 'InvalidRequest'])
  assert.equal((await log.read()).text, 'abc')
})

test('If-Match guards against another object of the same size', async () => {
  await using log = await opened()
  const { etag } = (await log.put('abc')).headers
  await log.put('xyz')
  assert.deepEqual(told(await log.append(3, 'd', { 'if-match': etag! })), [412, 'PreconditionFailed'])
  const { headers } = await log.read()
  assert.equal((await log.append(3, 'd', { 'if-match': headers['etag']! })).status, 200)
  assert.equal((await log.read()).text, 'xyzd')
})

test('10,000 parts and no more, those of an upload among them; a copy counts anew', async () => {
  await using log = await opened()
  const bucket = log.s3.engine.bucket('bucket')
  const upload = await bucket.createUpload('log', { checksumAlgorithm: 'crc32', checksumType: 'full-object' })
  const parts = []
  for (const number of [1, 2]) parts.push(await upload.putPart(number, Buffer.alloc(5 * 1024 ** 2)))
  let { sizeBytes } = await upload.complete(parts)
  for (let count = 2; count < 10_000; count++) ({ sizeBytes } = await bucket.append('log', Buffer.from('.')))
  assert.deepEqual(told(await log.append(sizeBytes, '.')), [400, 'TooManyParts'])
  const copied = await log.s3.ask('PUT', '/bucket/log', {
    headers: { 'x-amz-copy-source': 'bucket/log', 'x-amz-metadata-directive': 'REPLACE' },
  })
  assert.equal(copied.status, 200, copied.text)
  assert.equal((await log.append(sizeBytes, '.')).headers['x-amz-object-size'], String(sizeBytes + 1))
})

test('tags, locks, ACLs and encryption of an append are refused, as they are of every write of this mode', async () => {
  await using log = await opened()
  await log.put('abc')
  for (const [name, value] of [
    ['x-amz-tagging', 'a=b'],
    ['x-amz-object-lock-legal-hold', 'ON'],
    ['x-amz-acl', 'public-read'],
    ['x-amz-server-side-encryption', 'aws:kms'],
    ['if-none-match', '*'],
  ] as const)
    assert.ok((await log.append(3, 'd', { [name]: value })).status >= 400, name)
  assert.equal((await log.read()).text, 'abc')
})
