import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'
import { createNodeServer, createS3Handler } from '@aquifer/http-adapter'
import { EXAMPLE } from './auth/requests.js'
import { openEngine } from './open-engine.js'
import { listening } from './raw-client.js'
import { MATRIX_BODY, signatureMatrix } from './signature-matrix.js'
import { type SignedMessage, signMessage } from './signing-client.js'

const now = Date.UTC(2026, 10, 23, 12)

interface Answer {
  readonly status: number
  readonly code: string | undefined
}

function send(port: number, message: SignedMessage, isUnsized: boolean): Promise<Answer> {
  const headers = message.headers.filter(([name]) => !(isUnsized && name === 'content-length')).flat()
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      method: message.method,
      path: message.rawUrl,
      headers,
    })
    request.on('error', reject)
    request.on('response', async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode!, code: /<Code>(.*?)<\/Code>/.exec(text)?.[1] })
    })
    for (const frame of message.frames) request.write(frame)
    request.end()
  })
}

// Framed bodies may also come without their number, as some SDKs send streams.
for (const isUnsized of [false, true]) {
  test(`over HTTP${isUnsized ? ', without Content-Length,' : ''} only what is unspoilt is stored, and of the rest nothing is left`, async () => {
    const blobs = await MemoryBlobStore.open()
    const kv = await MemoryKvStore.open()
    // Every body becomes a blob, so that what a refused one leaves behind would show.
    await using engine = await openEngine({ stores: { kv, blobs }, inlineMaxBytes: 0, background: false })
    await engine.createBucket('bucket')
    const handler = createS3Handler(engine, {
      now: () => now,
      credentials: {
        findCredentials: (accessKeyId) =>
          accessKeyId === EXAMPLE.accessKeyId
            ? { secretAccessKey: EXAMPLE.secretAccessKey, ownerId: 'owner', displayName: 'Owner' }
            : undefined,
      },
    })
    await using server = await listening(createNodeServer(handler))
    const { port } = server.address() as AddressInfo

    const good: string[] = []
    for (const { name, message, expected } of signatureMatrix({
      signer: EXAMPLE,
      host: `127.0.0.1:${port}`,
      path: (name) => `/bucket/${name.replace(/[^a-z-]+/g, '.')}`,
      now,
    })) {
      if (isUnsized && !message.headers.some(([header]) => header === 'x-amz-decoded-content-length'))
        continue
      const answer = await send(port, message, isUnsized)
      if (expected === 'accepted') {
        assert.equal(answer.status, 200, name)
        good.push(message.rawUrl.replace(/^\/bucket\/|\?.*$/g, ''))
      } else {
        assert.equal(answer.code, expected, name)
      }
    }

    const keys: string[] = []
    for await (const entry of engine.bucket('bucket').list()) {
      assert.equal(entry.type, 'object')
      if (entry.type === 'object') keys.push(entry.info.key)
    }
    assert.deepEqual(keys, good.sort())
    for (const key of keys) {
      await using object = await engine.bucket('bucket').get(key)
      assert.deepEqual(Buffer.from(await object.bytes()), MATRIX_BODY, key)
      assert.equal(object.info.contentEncoding, undefined, key)
      assert.deepEqual(object.info.metadata, { colour: 'green' }, key)
    }
    await engine.reclaim()
    const left: number[] = []
    for await (const id of blobs.list()) left.push(id)
    assert.equal(left.length, good.length)
  })
}

test('parts and appends whose bytes are not those that were hashed are refused, large and small, and nothing is added', async () => {
  await using engine = await openEngine({ background: false })
  await engine.createBucket('bucket')
  const bucket = engine.bucket('bucket')
  await bucket.put('appended', Buffer.from('begin'))
  const upload = await bucket.createUpload('parts')
  const handler = createS3Handler(engine, {
    now: () => now,
    profile: 'express',
    credentials: {
      findCredentials: () => ({
        secretAccessKey: EXAMPLE.secretAccessKey,
        ownerId: 'owner',
        displayName: 'Owner',
      }),
    },
  })
  await using server = await listening(createNodeServer(handler))
  const { port } = server.address() as AddressInfo
  for (const sizeBytes of [1, 3_000_000])
    for (const [path, query, headers] of [
      ['/bucket/parts', [['partNumber', '1'] as const, ['uploadId', upload.uploadId] as const], {}],
      ['/bucket/appended', [], { 'x-amz-write-offset-bytes': '5' }],
      ['/bucket/put', [], {}],
    ] as const) {
      const message = signMessage(EXAMPLE, {
        ...{ form: 'header', method: 'PUT', host: `127.0.0.1:${port}`, path, query, headers },
        ...{ body: Buffer.alloc(sizeBytes, 'x'), payload: 'hashed', date: new Date(now) },
      })
      const spoilt = { ...message, frames: [Buffer.alloc(sizeBytes, 'x').fill('y', sizeBytes - 1)] }
      assert.deepEqual(await send(port, spoilt, false), { status: 400, code: 'XAmzContentSHA256Mismatch' })
    }
  assert.equal((await bucket.head('appended')).sizeBytes, 5)
  await assert.rejects(bucket.head('put'), { code: 'NoSuchKey' })
  for await (const part of upload.parts()) assert.fail(`part ${part.partNumber} is there`)
})
