import assert from 'node:assert/strict'
import test from 'node:test'
import { RawClient } from './raw-client.js'
import { owner } from './s3-in-memory.js'
import { serveDirectory } from './s3-on-disk.js'

const MiB = 1024 ** 2

async function serving() {
  const at = await serveDirectory({ authenticate: () => owner })
  await at.engine.bucket('bucket').put('before', Buffer.alloc(2 * MiB, 'before'))
  return at
}

const put = (...headers: readonly string[]): readonly string[] => [
  'PUT /bucket/k HTTP/1.1',
  'Host: x',
  ...headers,
  '',
  '',
]

const stages: [stage: string, said: readonly string[], sentBytes: number][] = [
  ['before its body', put('Content-Length: 100'), 0],
  ['before it was told to continue', put('Content-Length: 100', 'Expect: 100-continue'), 0],
  ['in a small body', put('Content-Length: 100'), 50],
  ['in a body that goes to a file', put(`Content-Length: ${4 * MiB}`), 3 * MiB],
  ['one byte before the end', put(`Content-Length: ${4 * MiB}`), 4 * MiB - 1],
  [
    'in the middle of a chunk',
    put(
      'Transfer-Encoding: chunked',
      'x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-trailer: x-amz-checksum-crc32',
      'x-amz-decoded-content-length: 1000000',
    ).concat('100000', '80000'),
    300_000,
  ],
]
for (const [stage, said, sentBytes] of stages) {
  test(`a client that leaves ${stage} leaves nothing behind`, async () => {
    await using at = await serving()
    const client = await RawClient.connect(at.server)
    client.say(...said)
    if (sentBytes > 0) client.socket.write(Buffer.alloc(sentBytes, 'x'))
    await new Promise((resolve) => client.socket.write('', resolve))
    client.socket.resetAndDestroy()
    const record = await at.nextRecord()
    assert.ok(record.status === 499 || record.status === 400, `${record.status} ${record.code}`)
    await at.engine.reclaim()
    const { objects, uploads, parts, deferred } = await at.engine.stat()
    assert.deepEqual({ objects, uploads, parts, deferred }, { objects: 1, uploads: 0, parts: 0, deferred: 0 })
    assert.equal(await at.blobFiles(), 1)
  })
}

test('a client that leaves in a part leaves the upload as it was', async () => {
  await using at = await serving()
  const upload = await at.engine.bucket('bucket').createUpload('big')
  const client = await RawClient.connect(at.server)
  client.say(
    `PUT /bucket/big?uploadId=${upload.uploadId}&partNumber=1 HTTP/1.1`,
    'Host: x',
    `Content-Length: ${6 * MiB}`,
    '',
    '',
  )
  client.socket.write(Buffer.alloc(2 * MiB))
  await new Promise((resolve) => client.socket.write('', resolve))
  client.socket.resetAndDestroy()
  await at.nextRecord()
  await at.engine.reclaim()
  const { objects, uploads, parts } = await at.engine.stat()
  assert.deepEqual({ objects, uploads, parts }, { objects: 1, uploads: 1, parts: 0 })
  assert.equal(await at.blobFiles(), 1)
})

test('a reader that leaves lets go of what it read, and the object can be freed', async () => {
  await using at = await serving()
  await at.engine.bucket('bucket').put('large', Buffer.alloc(64 * MiB))
  const client = await RawClient.connect(at.server)
  client.say('GET /bucket/large HTTP/1.1', 'Host: x', '', '')
  await client.hear('HTTP/1.1 200')
  client.socket.pause()
  await at.engine.bucket('bucket').delete('large')
  client.socket.resetAndDestroy()
  const record = await at.nextRecord()
  assert.equal(record.status, 499)
  assert.ok(record.bytes < 64 * MiB)
  await at.engine.reclaim()
  assert.equal(await at.blobFiles(), 1)
})

test('two hundred clients that come and go leave nothing behind', async () => {
  await using at = await serving()
  for (let round = 0; round < 10; round++) {
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(at.server)))
    for (const client of clients) {
      client.say(...put(`Content-Length: ${MiB}`))
      client.socket.write(Buffer.alloc(200_000))
    }
    await Promise.all(clients.map((client) => new Promise((resolve) => client.socket.write('', resolve))))
    for (const client of clients) client.socket.resetAndDestroy()
    for (const _ of clients) await at.nextRecord()
  }
  await at.engine.reclaim()
  assert.equal((await at.engine.stat()).objects, 1)
  assert.equal(await at.blobFiles(), 1)
})
