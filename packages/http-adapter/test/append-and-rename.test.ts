import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { S3InMemory } from './s3-in-memory.js'

const offset = (bytes: number) => ({ 'x-amz-write-offset-bytes': String(bytes) })

async function express(): Promise<S3InMemory> {
  const s3 = await S3InMemory.open({ profile: 'express' })
  await s3.ask('PUT', '/bucket')
  return s3
}

test('appends add to what is there, and tell its size, its new ETag and the CRC of the whole', async () => {
  await using s3 = await express()
  const meta = { 'x-amz-meta-a': 'b', 'content-type': 'text/plain' }
  const first = await s3.ask('PUT', '/bucket/log', { body: 'one ', headers: { ...offset(0), ...meta } })
  assert.deepEqual([first.status, first.headers['x-amz-object-size']], [200, '4'])
  assert.match(first.headers['etag']!, /^"[0-9a-f]{32}-1"$/)
  const second = await s3.ask('PUT', '/bucket/log', { body: 'two', headers: offset(4) })
  assert.deepEqual([second.status, second.headers['x-amz-object-size']], [200, '7'])
  assert.match(second.headers['etag']!, /^"[0-9a-f]{32}-2"$/)
  const found = await s3.ask('GET', '/bucket/log', { headers: { 'x-amz-checksum-mode': 'ENABLED' } })
  assert.equal(found.text, 'one two')
  assert.equal(found.headers['etag'], second.headers['etag'])
  assert.deepEqual([found.headers['content-type'], found.headers['x-amz-meta-a']], ['text/plain', 'b'])
  assert.equal(found.headers['x-amz-checksum-crc64nvme'], second.headers['x-amz-checksum-crc64nvme'])
  const whole = await s3.ask('PUT', '/bucket/whole', { body: 'one two' })
  assert.equal(found.headers['x-amz-checksum-crc64nvme'], whole.headers['x-amz-checksum-crc64nvme'])
})

test('an append elsewhere, of another object, or of what it cannot change is refused and changes nothing', async () => {
  await using s3 = await express()
  await s3.ask('PUT', '/bucket/log', { body: 'one' })
  const answers: [Record<string, string>, number, string][] = [
    [offset(0), 400, 'InvalidWriteOffset'],
    [offset(4), 400, 'InvalidWriteOffset'],
    [{ 'x-amz-write-offset-bytes': '-1' }, 400, 'InvalidArgument'],
    [{ 'x-amz-write-offset-bytes': 'x' }, 400, 'InvalidArgument'],
    [{ ...offset(3), 'if-match': '"other"' }, 412, 'PreconditionFailed'],
    [{ ...offset(3), 'if-none-match': '*' }, 501, 'NotImplemented'],
    [{ ...offset(3), 'x-amz-meta-a': 'b' }, 400, 'InvalidRequest'],
    [
      { ...offset(3), 'x-amz-checksum-sha256': createHash('sha256').update('two').digest('base64') },
      400,
      'InvalidRequest',
    ],
    [{ ...offset(3), 'content-md5': createHash('md5').update('x').digest('base64') }, 400, 'BadDigest'],
  ]
  for (const [headers, status, code] of answers) {
    const answer = await s3.ask('PUT', '/bucket/log', { body: 'two', headers })
    assert.deepEqual([answer.status, answer.code], [status, code], JSON.stringify(headers))
  }
  assert.equal((await s3.ask('GET', '/bucket/log')).text, 'one')
  const missing = await s3.ask('PUT', '/bucket/missing', { body: 'two', headers: offset(1) })
  assert.deepEqual([missing.status, missing.code], [400, 'InvalidWriteOffset'])
})

test('a rename moves an object within its bucket, by the conditions on both sides, once for each token', async () => {
  await using s3 = await express()
  await s3.ask('PUT', '/bucket/a%20%2B', { body: 'bytes', headers: { 'x-amz-meta-a': 'b' } })
  const there = await s3.ask('PUT', '/bucket/there', { body: 'other' })
  const etag = there.headers['etag']!
  const rename = async (to: string, headers: Record<string, string> = {}, from = '/bucket/a%20%2B') => {
    const answer = await s3.ask('PUT', `/bucket/${to}?renameObject`, {
      headers: { 'x-amz-rename-source': from, ...headers },
    })
    return [answer.status, answer.code]
  }
  assert.deepEqual(await rename('there', { 'if-none-match': '*' }), [412, 'PreconditionFailed'])
  assert.deepEqual(await rename('b', { 'x-amz-rename-source-if-match': '"other"' }), [
    412,
    'PreconditionFailed',
  ])
  assert.deepEqual(await rename('b', {}, '/bucket/missing'), [404, 'NoSuchKey'])
  assert.deepEqual(await rename('b', {}, '/elsewhere/a'), [400, 'InvalidRequest'])
  assert.deepEqual(await rename('b', {}, '/bucket/a?versionId=null'), [400, 'InvalidArgument'])
  assert.deepEqual(await rename('b/'), [400, 'InvalidRequest'])
  const token = { 'x-amz-client-token': 'once' }
  assert.deepEqual(await rename('there', { ...token, 'if-match': etag }), [200, undefined])
  const renamed = await s3.ask('GET', '/bucket/there')
  assert.deepEqual([renamed.text, renamed.headers['x-amz-meta-a']], ['bytes', 'b'])
  assert.equal((await s3.ask('HEAD', '/bucket/a%20%2B')).status, 404)
  assert.deepEqual(await rename('there', { ...token, 'if-match': etag }), [200, undefined])
  assert.deepEqual(await rename('b', token), [400, 'IdempotencyParameterMismatch'])
  const without = await s3.ask('PUT', '/bucket/b?renameObject')
  assert.equal(without.status, 400)
})

test('outside S3 Express mode neither is served, and nothing is written', async () => {
  for (const profile of ['aistor', 'aws'] as const) {
    await using s3 = await S3InMemory.open({ profile })
    await s3.ask('PUT', '/bucket')
    await s3.ask('PUT', '/bucket/a', { body: 'one' })
    assert.equal((await s3.ask('PUT', '/bucket/a', { body: 'two', headers: offset(3) })).status, 501)
    const headers = { 'x-amz-rename-source': '/bucket/a' }
    assert.equal((await s3.ask('PUT', '/bucket/b?renameObject', { headers })).status, 501)
    assert.equal((await s3.ask('GET', '/bucket/a')).text, 'one')
    assert.equal((await s3.ask('HEAD', '/bucket/b')).status, 404)
  }
})
