import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import test from 'node:test'
import { createNodeServer, type S3Handler } from '@aquifer/http-adapter'
import { listening, RawClient } from './raw-client.js'
import { S3InMemory } from './s3-in-memory.js'

/** A rate that nobody reaches who does not try. */
const leastRate = { bytesPerSecond: 100 * 1024 ** 2, windowMs: 150 }

test('a client that falls silent in its body is told so, nothing of it is kept, and the connection closes', async () => {
  await using s3 = await S3InMemory.open()
  await s3.engine.createBucket('bucket')
  await using server = await listening(createNodeServer(s3.handler, { leastRate }))
  await using client = await RawClient.connect(server)
  client.say('PUT /bucket/key HTTP/1.1', 'Host: x', 'Content-Length: 1000', '', 'the beginning')
  const heard = await client.hear('</Error>')
  assert.match(heard, /^HTTP\/1\.1 400 /)
  assert.match(heard, /<Code>RequestTimeout<\/Code>/)
  assert.match(heard, /\r\nconnection: close\r\n/i)
  assert.equal((await s3.ask('GET', '/bucket/key')).code, 'NoSuchKey')
  client.socket.end()
  await client.hearAll()
})

test('a client that trickles is cut off, though it is never silent', async () => {
  await using s3 = await S3InMemory.open()
  await s3.engine.createBucket('bucket')
  await using server = await listening(createNodeServer(s3.handler, { leastRate }))
  await using client = await RawClient.connect(server)
  client.say('PUT /bucket/key HTTP/1.1', 'Host: x', 'Content-Length: 100000', '', '')
  const trickle = setInterval(() => client.say('x'), 5)
  try {
    assert.match(await client.hear('</Error>'), /<Code>RequestTimeout<\/Code>/)
  } finally {
    clearInterval(trickle)
  }
})

test('a client that does not take its answer is cut off, and what is read for it is let go', async () => {
  let isReleased: (value: unknown) => void = () => {}
  const released = new Promise((resolve) => {
    isReleased = resolve
  })
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(64 * 1024)
    } finally {
      isReleased(true)
    }
  }
  const handler: S3Handler = async () => ({ status: 200, headers: {}, body: endless() })
  await using server = await listening(createNodeServer(handler, { leastRate }))
  await using client = await RawClient.connect(server)
  client.socket.pause()
  client.say('GET /bucket/key HTTP/1.1', 'Host: x', '', '')
  await released
})

test('memory under way to a client that is cut off is nobody else’s before the connection is gone', async () => {
  let connection: Socket | undefined
  let wasGone: (value: unknown) => void = () => {}
  const left = new Promise((resolve) => {
    wasGone = resolve
  })
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(64 * 1024)
    } finally {
      wasGone(connection?.destroyed)
    }
  }
  const handler: S3Handler = async () => ({ status: 200, headers: {}, body: endless() })
  const started = createNodeServer(handler, { leastRate }).on('connection', (socket) => {
    connection = socket
  })
  await using server = await listening(started)
  await using client = await RawClient.connect(server)
  client.socket.pause()
  client.say('GET /bucket/key HTTP/1.1', 'Host: x', '', '')
  assert.equal(await left, true)
})

test('an answer that waits behind another on its connection is let go with it', async () => {
  let begun = 0
  let released = 0
  let tell: () => void = () => {}
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      tell = () => isSo() && resolve()
      tell()
    })
  async function* endless(): AsyncGenerator<Uint8Array> {
    begun++
    tell()
    try {
      for (;;) yield Buffer.alloc(64 * 1024)
    } finally {
      released++
      tell()
    }
  }
  const handler: S3Handler = async () => ({ status: 200, headers: {}, body: endless() })
  await using server = await listening(createNodeServer(handler, { leastRate: 'none' }))
  await using client = await RawClient.connect(server)
  client.socket.pause()
  client.say('GET /bucket/a HTTP/1.1', 'Host: x', '', 'GET /bucket/b HTTP/1.1', 'Host: x', '', '')
  await until(() => begun === 2)
  client.socket.destroy()
  await until(() => released === 2)
})

test('a client that is waited for by nobody may be as slow as it likes', async () => {
  let answer: (value: unknown) => void = () => {}
  const isAnswered = new Promise((resolve) => {
    answer = resolve
  })
  const handler: S3Handler = async ({ body }) => {
    for await (const _ of body) await isAnswered
    return { status: 200, headers: { 'content-length': '4' }, body: Buffer.from('done') }
  }
  await using server = await listening(createNodeServer(handler, { leastRate }))
  await using client = await RawClient.connect(server)
  await using silent = await RawClient.connect(server)
  client.say('PUT /bucket/key HTTP/1.1', 'Host: x', 'Content-Length: 4', '', 'body')
  // Long enough for another to be cut off.
  silent.say('PUT /bucket/other HTTP/1.1', 'Host: x', 'Content-Length: 4', '', '')
  await silent.hearAll()
  answer(true)
  await client.hear('\r\n\r\ndone')
})
