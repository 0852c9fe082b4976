import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http'
import { connect } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import test, { type TestContext } from 'node:test'
import { CommandFailure } from '../failure.js'
import { openLog } from '../log.js'
import { Front, type FrontOptions } from './front.js'

async function listening(t: TestContext, options: Partial<FrontOptions> = {}) {
  const lines: Record<string, unknown>[] = []
  const written = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const log = openLog({ log: 'info', logFormat: 'json' }, false, written)
  const front = await Front.listen({ host: '127.0.0.1', port: 0, domains: [], log, ...options })
  t.after(() => front.drain(0))
  return { front, lines }
}

async function ask(
  front: Front,
  path: string,
  options: RequestOptions = {},
): Promise<IncomingMessage & { text: string }> {
  const sent = request({ host: '127.0.0.1', port: front.port, path, agent: false, ...options })
  sent.end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return Object.assign(answer, { text: await text(answer) })
}

const statusOf = async (front: Front, path: string, options?: RequestOptions) =>
  (await ask(front, path, options)).statusCode

test('alive from the start, ready only while requests are served', async (t) => {
  const { front } = await listening(t)
  assert.equal(await statusOf(front, '/-/live'), 200)
  assert.equal(await statusOf(front, '/-/ready'), 503)
  assert.equal(await statusOf(front, '/bucket/key'), 503)

  let finish = () => {}
  front.serve((_request, response) => {
    finish = () => response.end('done')
    response.flushHeaders()
  })
  assert.equal(await statusOf(front, '/-/ready'), 200)

  const running = request({ host: '127.0.0.1', port: front.port, path: '/slow', agent: false }).end()
  const [answer] = (await once(running, 'response')) as [IncomingMessage]
  const drained = front.drain(60_000)
  assert.equal(await statusOf(front, '/-/live'), 200)
  assert.equal(await statusOf(front, '/-/ready'), 503)
  assert.equal(await statusOf(front, '/bucket/key'), 503)
  finish()
  assert.equal(await text(answer), 'done')
  assert.equal(await drained, 0)
  await assert.rejects(ask(front, '/-/live', { port: 1 }))
})

test('a refused request is told to come again on another connection', async (t) => {
  const { front } = await listening(t)
  const { headers } = await ask(front, '/bucket', { agent: new Agent({ keepAlive: true }) })
  assert.equal(headers['retry-after'], '1')
  assert.equal(headers.connection, 'close')
})

test('an upload that is running when the end comes is taken in whole', async (t) => {
  const { front } = await listening(t)
  front.serve(async (incoming, response) => {
    response.end(String((await buffer(incoming)).byteLength))
  })
  const upload = request({ host: '127.0.0.1', port: front.port, method: 'PUT', path: '/b/k', agent: false })
  upload.write(Buffer.alloc(100_000))
  await once(upload, 'socket')
  while (front.runningCount === 0) await new Promise(setImmediate)

  const drained = front.drain(60_000)
  upload.end(Buffer.alloc(23))
  const [answer] = (await once(upload, 'response')) as [IncomingMessage]
  assert.equal(await text(answer), '100023')
  assert.equal(answer.headers.connection, 'close')
  assert.equal(await drained, 0)
})

test('an answer that is still on its way to a slow reader arrives whole', async (t) => {
  const { front } = await listening(t)
  const sizeBytes = 16 * 1024 ** 2
  front.serve((_request, response) => response.end(Buffer.alloc(sizeBytes)))
  const asked = request({ host: '127.0.0.1', port: front.port, path: '/b/k' }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const drained = front.drain(60_000)
  assert.equal((await buffer(answer)).byteLength, sizeBytes)
  assert.equal(await drained, 0)
})

test('what outlasts the time for draining is cut off and counted', async (t) => {
  const { front } = await listening(t)
  front.serve((_request, response) => response.flushHeaders())
  const stuck = request({ host: '127.0.0.1', port: front.port, path: '/b/k', agent: false }).end()
  const [answer] = (await once(stuck, 'response')) as [IncomingMessage]
  const gone = assert.rejects(text(answer))
  assert.equal(await front.drain(1), 1)
  await gone
})

test('an idle connection does not delay the end', async (t) => {
  const { front } = await listening(t)
  front.serve((_request, response) => response.end())
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  await ask(front, '/b/k', { agent })
  assert.equal(await front.drain(60_000), 0)
})

test('"100 Continue" is the listener\'s to say', async (t) => {
  const { front } = await listening(t)
  front.serve((_request, response) => response.writeHead(403).end())
  const sent = request({
    host: '127.0.0.1',
    port: front.port,
    method: 'PUT',
    path: '/b/k',
    agent: false,
    headers: { expect: '100-continue', 'content-length': 5 },
  })
  sent.on('continue', () => assert.fail('it said to go on'))
  sent.flushHeaders()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  assert.equal(answer.statusCode, 403)
  answer.resume()
  sent.destroy()
})

test("under a bucket's own host name /-/live is a key like any other", async (t) => {
  const { front } = await listening(t, { domains: ['s3.test'] })
  front.serve((_request, response) => response.writeHead(204).end())
  const host = (name: string) => ({ headers: { host: name } })
  assert.equal(await statusOf(front, '/-/live', host('photos.s3.test:9000')), 204)
  assert.equal(await statusOf(front, '/-/live', host('S3.test')), 200)
  assert.equal(await statusOf(front, '/-/other'), 404)
  assert.equal(await statusOf(front, '/-/live', { method: 'DELETE' }), 404)
})

test('each request is one line with its id, and the line holds no query', async (t) => {
  const { front, lines } = await listening(t)
  front.serve((incoming, response) => {
    response.setHeader('x-amz-request-id', 'ID1')
    response.writeHead(incoming.url!.startsWith('/bad') ? 500 : 200).end('12345')
  })
  await ask(front, '/b/k?X-Amz-Signature=abc')
  await ask(front, '/bad')
  await ask(front, '/-/ready')
  await front.drain(0)
  assert.equal(lines.length, 2)
  const { time, durationMs, sentBytes, ...line } = lines[0]!
  assert.ok(Number(sentBytes) > 5)
  assert.equal(typeof durationMs, 'number')
  assert.ok(time)
  assert.deepEqual(line, {
    level: 'info',
    requestId: 'ID1',
    method: 'GET',
    path: '/b/k',
    status: 200,
    remoteAddress: '127.0.0.1',
    msg: 'request',
  })
  assert.equal(lines[1]!.level, 'error')
})

test('headers beyond the bound are refused before anyone sees them', async (t) => {
  const { front } = await listening(t)
  front.serve(() => assert.fail('it came through'))
  assert.equal(await statusOf(front, '/b/k', { headers: { 'x-amz-meta-a': 'a'.repeat(17_000) } }), 431)
})

test('a request that is no HTTP ends its own connection alone', async (t) => {
  const { front } = await listening(t)
  const socket = connect(front.port, '127.0.0.1')
  socket.end('\u0016\u0003\u0001 not HTTP\r\n\r\n')
  assert.match(await text(socket), /^HTTP\/1\.1 400 /)
  assert.equal(await statusOf(front, '/-/live'), 200)
})

test('an address that cannot be had is told with what to do', async (t) => {
  const { front } = await listening(t)
  const fails = (options: Partial<FrontOptions>, message: RegExp, remedy: RegExp) =>
    assert.rejects(
      listening(t, options),
      (error) =>
        error instanceof CommandFailure &&
        error.exitCode === 5 &&
        message.test(error.message) &&
        remedy.test(error.remedy),
    )
  await fails(
    { port: front.port },
    /^Port \d+ on 127\.0\.0\.1 is already in use\.$/,
    /--port \(0 takes a free one\)/,
  )
  await fails({ host: '192.0.2.1' }, /^192\.0\.2\.1 is no address of this machine\.$/, /--host/)
  await fails({ host: 'no-such-host.invalid' }, /^no-such-host\.invalid is no address/, /--host/)
})
