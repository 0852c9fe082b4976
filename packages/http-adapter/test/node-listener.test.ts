import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import test from 'node:test'
import { type AdapterResponse, createNodeServer, type S3Handler, toNodeListener } from '@aquifer/http-adapter'
import { listening, RawClient } from './raw-client.js'

const refusal: AdapterResponse = {
  status: 403,
  headers: { 'content-type': 'application/xml', 'content-length': '8' },
  body: Buffer.from('<Error/>'),
}
const refuse: S3Handler = async () => refusal

/** Reads the whole body, then tells how long it was. */
const count: S3Handler = async ({ body }) => {
  let bytes = 0
  for await (const chunk of body) bytes += chunk.byteLength
  const text = Buffer.from(String(bytes))
  return { status: 200, headers: { 'content-length': String(text.length) }, body: text }
}

test('a client that asks is told to continue once, and only when its body is wanted', async () => {
  await using server = await listening(createNodeServer(count))
  await using client = await RawClient.connect(server)
  client.say('PUT /b/k HTTP/1.1', 'Host: x', 'Content-Length: 5', 'Expect: 100-continue', '', '')
  await client.hear('HTTP/1.1 100 Continue\r\n\r\n')
  client.say('hello')
  const heard = await client.hear('\r\n\r\n5')
  assert.equal(heard.split('100 Continue').length, 2)
  assert.match(heard, /HTTP\/1\.1 200 OK/)
})

test('a client that asks and is refused hears only the refusal, and need not send', async () => {
  await using server = await listening(createNodeServer(refuse))
  await using client = await RawClient.connect(server)
  client.say('PUT /b/k HTTP/1.1', 'Host: x', 'Content-Length: 5', 'Expect: 100-continue', '', '')
  const heard = await client.hear('<Error/>')
  assert.doesNotMatch(heard, /100 Continue/)
  assert.match(heard, /^HTTP\/1\.1 403 /)
  assert.match(heard, /connection: close/i)
})

test('a server that answers 100 itself, as one without a listener for it does, is not doubled', async () => {
  await using server = await listening(createServer(toNodeListener(count)))
  await using client = await RawClient.connect(server)
  client.say('PUT /b/k HTTP/1.1', 'Host: x', 'Content-Length: 5', 'Expect: 100-continue', '', '')
  await client.hear('100 Continue')
  client.say('hello')
  assert.equal((await client.hear('\r\n\r\n5')).split('100 Continue').length, 2)
})

test('any other expectation is refused', async () => {
  await using server = await listening(createNodeServer(count))
  await using client = await RawClient.connect(server)
  client.say('PUT /b/k HTTP/1.1', 'Host: x', 'Content-Length: 5', 'Expect: tea', '', 'hello')
  const heard = await client.hear('</Error>')
  assert.match(heard, /^HTTP\/1\.1 417 /)
  assert.match(heard, /<Code>ExpectationFailed<\/Code>/)
})

test('a small body that nobody read is thrown away, and the connection lives on', async () => {
  await using server = await listening(createNodeServer(refuse))
  await using client = await RawClient.connect(server)
  client.say('PUT /b/k HTTP/1.1', 'Host: x', 'Content-Length: 20000', '', 'x'.repeat(10_000))
  await client.hear('<Error/>')
  client.say('x'.repeat(10_000), 'GET /b/other HTTP/1.1', 'Host: x', '', '')
  const heard = await client.hear('<Error/>HTTP/1.1 403')
  assert.doesNotMatch(heard, /connection: close/i)
})

test('the answer reaches a client that is still sending a large body, and then the connection closes', async () => {
  await using server = await listening(createNodeServer(refuse))
  const { port } = server.address() as AddressInfo
  const sending = httpRequest({
    port,
    method: 'PUT',
    path: '/b/k',
    headers: { 'content-length': String(32 * 1024 ** 2) },
  })
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>
  const pieces = Readable.from(Array.from({ length: 128 }, () => Buffer.alloc(256 * 1024)))
  // How much of it goes out before the connection closes is nobody's promise.
  const sent = pipeline(pieces, sending).catch(() => {})
  const [response] = await answered
  assert.equal(response.statusCode, 403)
  assert.equal(response.headers.connection, 'close')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  assert.equal(Buffer.concat(chunks).toString(), '<Error/>')
  await sent
})

test('a body that breaks off is an error to its reader, not an end', async () => {
  const failed: unknown[] = []
  const reading = deferred()
  const handler: S3Handler = async (request) => {
    try {
      for await (const _ of request.body);
    } catch (error) {
      failed.push(error)
    }
    reading.resolve(request.signal.aborted)
    return refusal
  }
  await using server = await listening(createNodeServer(handler))
  await using client = await RawClient.connect(server)
  client.say('PUT /b/k HTTP/1.1', 'Host: x', 'Content-Length: 10', '', 'half')
  client.socket.destroySoon()
  await reading.promise
  assert.equal(failed.length, 1)
})

test('the signal fires when the client goes away', async () => {
  const fired = deferred()
  const handler: S3Handler = async ({ signal }) => {
    signal.addEventListener('abort', () => fired.resolve(true))
    await fired.promise
    return refusal
  }
  await using server = await listening(createNodeServer(handler))
  const client = await RawClient.connect(server)
  client.say('GET /b/k HTTP/1.1', 'Host: x', '', '')
  client.socket.destroySoon()
  assert.equal(await fired.promise, true)
})

test('a body that is not fetched waits for its reader, and is let go of when the reader leaves', async () => {
  const released = deferred()
  let produced = 0
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        produced++
        yield Buffer.alloc(64 * 1024)
      }
    } finally {
      released.resolve(true)
    }
  }
  await using server = await listening(
    createNodeServer(async () => ({ status: 200, headers: {}, body: endless() })),
  )
  const client = await RawClient.connect(server)
  client.socket.pause()
  client.say('GET /b/k HTTP/1.1', 'Host: x', '', '')
  for (let before = 0, still = 0; still < 200; before = produced) {
    await new Promise((resolve) => setImmediate(resolve))
    still = produced > 0 && produced === before ? still + 1 : 0
  }
  assert.ok(produced < 1_000, `${produced} chunks were made for a reader that reads none`)
  client.socket.destroy()
  await released.promise
})

/** A body in one piece of memory, as the engine lends it. */
async function* lent(letters: string): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(300_000)
  for (const letter of letters) yield chunk.fill(letter)
}
const lentText = 'abcd'.replace(/./g, (letter) => letter.repeat(300_000))

test('a chunk has been sent when the next is asked for, so that its memory may be used again', async () => {
  await using server = await listening(
    createNodeServer(async ({ borrowsChunks }) => {
      assert.equal(borrowsChunks, true)
      return { status: 200, headers: {}, body: lent('abcd') }
    }),
  )
  assert.equal(await textOf(server), lentText)
})

test('where a middleware writes in place of the response, chunks are not borrowed, and arrive all the same', async () => {
  const listener = toNodeListener(async ({ borrowsChunks }) => {
    assert.equal(borrowsChunks, false)
    return { status: 200, headers: {}, body: Readable.from([Buffer.from('ab'), Buffer.from('cd')]) }
  })
  await using server = await listening(
    createServer((request, response) => {
      const { write } = response
      response.write = ((chunk: Uint8Array) => write.call(response, chunk, 'utf8')) as typeof write
      listener(request, response)
    }),
  )
  assert.equal(await textOf(server), 'abcd')
})

async function textOf(server: Server): Promise<string> {
  const { port } = server.address() as AddressInfo
  return (await fetch(`http://127.0.0.1:${port}/b/k`)).text()
}

test('a body that fails half-way cuts the connection: the client must not take it for whole', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half')
    throw new Error('the stored bytes are damaged')
  }
  await using server = await listening(
    createNodeServer(async () => ({ status: 200, headers: { 'content-length': '8' }, body: broken() })),
  )
  await using client = await RawClient.connect(server)
  client.say('GET /b/k HTTP/1.1', 'Host: x', '', '')
  assert.doesNotMatch(await client.hearAll(), /\r\n\r\n.{8}/)
})

test('a stream of Node is sent as it is', async () => {
  await using server = await listening(
    createNodeServer(async () => ({
      status: 200,
      headers: { 'content-length': '6' },
      body: Readable.from([Buffer.from('abc'), Buffer.from('def')]),
    })),
  )
  await using client = await RawClient.connect(server)
  client.say('GET /b/k HTTP/1.1', 'Host: x', '', '')
  await client.hear('\r\n\r\nabcdef')
})

test('what Node itself refuses is refused in S3’s words', async () => {
  await using server = await listening(createNodeServer(refuse))
  await using broken = await RawClient.connect(server)
  broken.say('this is no HTTP', '', '')
  assert.match(await broken.hearAll(), /^HTTP\/1\.1 400 [\s\S]*<Code>BadRequest<\/Code>/)
  await using long = await RawClient.connect(server)
  long.say('GET / HTTP/1.1', 'Host: x', `X-Long: ${'x'.repeat(40_000)}`, '', '')
  assert.match(await long.hearAll(), /^HTTP\/1\.1 400 [\s\S]*<Code>RequestHeaderSectionTooLarge<\/Code>/)
  await using twoLengths = await RawClient.connect(server)
  twoLengths.say('PUT / HTTP/1.1', 'Host: x', 'Content-Length: 1', 'Content-Length: 2', '', 'ab')
  assert.match(await twoLengths.hearAll(), /^HTTP\/1\.1 400 /)
})

test('a client that says it is done before its body is heard so, and learns what is wrong', async () => {
  await using server = await listening(createNodeServer(count))
  await using client = await RawClient.connect(server)
  client.socket.end('PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc')
  assert.match(await client.hearAll(), /^HTTP\/1\.1 400 [\s\S]*<Code>IncompleteBody<\/Code>/)
  await using headless = await RawClient.connect(server)
  headless.socket.end('PUT /b/k HTTP/1.1\r\nHost:')
  assert.match(await headless.hearAll(), /^HTTP\/1\.1 400 [\s\S]*<Code>BadRequest<\/Code>/)
})

test('nonsense behind a request is not answered into the middle of its answer', async () => {
  const began = deferred()
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half')
    began.resolve(true)
    await new Promise(() => {})
  }
  await using server = await listening(
    createNodeServer(async () => ({ status: 200, headers: { 'content-length': '8' }, body: slow() })),
  )
  await using client = await RawClient.connect(server)
  client.say('GET /b/k HTTP/1.1', 'Host: x', '', '')
  await began.promise
  client.say('this is no HTTP', '', '')
  assert.match(await client.hearAll(), /\r\n\r\nhalf$/)
})

test('a handler sees the URL that was signed, behind a mount path too', async () => {
  const seen: string[] = []
  const listener = toNodeListener(async ({ rawUrl }) => {
    seen.push(rawUrl)
    return refusal
  })
  await using server = await listening(
    createServer((request, response) => {
      Object.assign(request, { originalUrl: request.url, url: request.url!.replace('/storage', '') })
      listener(request, response)
    }),
  )
  await using client = await RawClient.connect(server)
  client.say('GET /storage/b/a%2Fb?x=%20y HTTP/1.1', 'Host: x', '', '')
  await client.hear('<Error/>')
  assert.deepEqual(seen, ['/storage/b/a%2Fb?x=%20y'])
})

test('header values go out as the bytes they are', async () => {
  await using server = await listening(
    createNodeServer(async () => ({ status: 200, headers: { 'content-length': '0', 'x-name': 'caf\xe9' } })),
  )
  await using client = await RawClient.connect(server)
  client.say('GET /b/k HTTP/1.1', 'Host: x', '', '')
  assert.match(await client.hear('\r\n\r\n'), /x-name: caf\xe9\r\n/)
})

function deferred(): { promise: Promise<unknown>; resolve: (value: unknown) => void } {
  let resolve!: (value: unknown) => void
  const promise = new Promise((done) => {
    resolve = done
  })
  return { promise, resolve }
}

test('a small body is whole at once where it came with its head; else it is not, and can be read', async () => {
  const asked: ('whole' | 'not whole')[] = []
  let isAsked: () => void = () => {}
  const handler: S3Handler = async ({ body, findWholeBody }) => {
    await undefined // The body's bytes are handed over behind the head, in the same turn.
    const whole = findWholeBody?.(6)
    asked.push(whole === undefined ? 'not whole' : 'whole')
    isAsked()
    const chunks = whole === undefined ? [] : [whole]
    if (whole === undefined) for await (const chunk of body) chunks.push(Buffer.from(chunk))
    const answer = Buffer.concat(chunks)
    return { status: 200, headers: { 'content-length': String(answer.length) }, body: answer }
  }
  await using server = await listening(createNodeServer(handler))
  await using client = await RawClient.connect(server)
  const head = ['PUT /b/k HTTP/1.1', 'Host: x', 'Content-Length: 6', '']
  client.say(...head, 'entire')
  await client.hear('entire')
  const second = new Promise<void>((resolve) => (isAsked = resolve))
  client.say(...head, 'hal')
  await second
  client.say('ves')
  await client.hear('halves')
  assert.deepEqual(asked, ['whole', 'not whole'])
})
