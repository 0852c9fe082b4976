import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http'
import { connect } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import test, { type TestContext } from 'node:test'
import type { AdapterResponse, S3Handler } from '@aquifer/http-adapter'
import { CommandFailure } from './failure.js'
import { Front, type FrontOptions } from './front.js'
import { whole } from './health.js'
import { openLog } from './log.js'

async function listening(t: TestContext, options: Partial<FrontOptions> = {}): Promise<Front> {
  const log = openLog({ log: 'silent', logFormat: 'json' }, false)
  const front = await Front.listen({ host: '127.0.0.1', port: 0, domains: [], log, ...options })
  t.after(() => front.drain(0))
  return front
}

const answerOf = (status: number, body?: AdapterResponse['body']): AdapterResponse => ({
  status,
  headers: {},
  ...(body === undefined ? {} : { body }),
})

/** A handler that says when it has been called. */
function announcing(handler: S3Handler) {
  let announce = () => {}
  const called = new Promise<void>((resolve) => {
    announce = resolve
  })
  return {
    called,
    handler: ((request) => {
      announce()
      return handler(request)
    }) satisfies S3Handler,
  }
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
  const front = await listening(t)
  assert.equal(await statusOf(front, '/-/live'), 200)
  assert.equal(await statusOf(front, '/-/ready'), 503)
  assert.equal(await statusOf(front, '/bucket/key'), 503)

  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  async function* slowly() {
    yield Buffer.from('do')
    await finished
    yield Buffer.from('ne')
  }
  front.serve(async () => answerOf(200, slowly()))
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

test('ready means that the store can be read; what else is wrong is told', async (t) => {
  const front = await listening(t)
  let health = whole
  front.serve(async () => answerOf(200), { healthOf: () => health })
  assert.equal((await ask(front, '/-/ready')).text, 'ready\n')
  health = { ...whole, writes: 'freeing' }
  const full = await ask(front, '/-/ready')
  assert.equal(full.statusCode, 200)
  assert.match(full.text, /^ready\nstorage full: /)
  health = { ...whole, isServing: false }
  assert.equal(await statusOf(front, '/-/ready'), 503)
  assert.equal(await statusOf(front, '/-/live'), 200)
})

test('what a person should see to is told behind ready, and nobody is turned away where that cannot be found out', async (t) => {
  const front = await listening(t)
  let concerns: () => Promise<string[]> = async () => ['replication: 1 version was given up']
  front.serve(async () => answerOf(200), { concernsOf: () => concerns() })
  assert.equal((await ask(front, '/-/ready')).text, 'ready\nreplication: 1 version was given up\n')
  concerns = () => Promise.reject(new Error('the store is closing'))
  const { statusCode, text } = await ask(front, '/-/ready')
  assert.deepEqual([statusCode, text], [200, 'ready\n'])
})

test('a refused request is told to come again on another connection', async (t) => {
  const front = await listening(t)
  const { headers } = await ask(front, '/bucket', { agent: new Agent({ keepAlive: true }) })
  assert.equal(headers['retry-after'], '1')
  assert.equal(headers.connection, 'close')
})

test('an upload that is running when the end comes is taken in whole', async (t) => {
  const front = await listening(t)
  const { handler, called } = announcing(async ({ body }) => {
    let sizeBytes = 0
    for await (const chunk of body) sizeBytes += chunk.byteLength
    return answerOf(200, Buffer.from(String(sizeBytes)))
  })
  front.serve(handler)
  const upload = request({ host: '127.0.0.1', port: front.port, method: 'PUT', path: '/b/k', agent: false })
  upload.write(Buffer.alloc(100_000))
  await called

  const drained = front.drain(60_000)
  upload.end(Buffer.alloc(23))
  const [answer] = (await once(upload, 'response')) as [IncomingMessage]
  assert.equal(await text(answer), '100023')
  assert.equal(answer.headers.connection, 'close')
  assert.equal(await drained, 0)
})

test('an answer that is still on its way to a slow reader arrives whole', async (t) => {
  const front = await listening(t)
  const sizeBytes = 16 * 1024 ** 2
  front.serve(async () => answerOf(200, Buffer.alloc(sizeBytes)))
  const asked = request({ host: '127.0.0.1', port: front.port, path: '/b/k' }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const drained = front.drain(60_000)
  assert.equal((await buffer(answer)).byteLength, sizeBytes)
  assert.equal(await drained, 0)
})

test('what outlasts the time for draining is cut off and counted', async (t) => {
  const front = await listening(t)
  const { handler, called } = announcing(({ signal }) => once(signal, 'abort').then(() => answerOf(200)))
  front.serve(handler)
  const stuck = request({ host: '127.0.0.1', port: front.port, path: '/b/k', agent: false }).end()
  const gone = assert.rejects(once(stuck, 'response'))
  await called
  assert.equal(await front.drain(1), 1)
  await gone
})

test('an idle connection does not delay the end', async (t) => {
  const front = await listening(t)
  front.serve(async () => answerOf(200))
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  await ask(front, '/b/k', { agent })
  assert.equal(await front.drain(60_000), 0)
})

test('"100 Continue" is the handler\'s to cause', async (t) => {
  const front = await listening(t)
  front.serve(async () => answerOf(403))
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
  const front = await listening(t, { domains: ['s3.test'] })
  front.serve(async () => answerOf(204))
  const host = (name: string) => ({ headers: { host: name } })
  assert.equal(await statusOf(front, '/-/live', host('photos.s3.test:9000')), 204)
  assert.equal(await statusOf(front, '/-/live', host('S3.test')), 200)
  assert.equal(await statusOf(front, '/-/other'), 404)
  assert.equal(await statusOf(front, '/-/live', { method: 'DELETE' }), 404)
})

test('headers beyond the bound are refused before anyone sees them', async (t) => {
  const front = await listening(t)
  front.serve(() => assert.fail('it came through'))
  assert.equal(await statusOf(front, '/b/k', { headers: { 'x-amz-meta-a': 'a'.repeat(17_000) } }), 400)
})

test('a request that is no HTTP ends its own connection alone', async (t) => {
  const front = await listening(t)
  const socket = connect(front.port, '127.0.0.1')
  socket.end('\u0016\u0003\u0001 not HTTP\r\n\r\n')
  assert.match(await text(socket), /^HTTP\/1\.1 400 /)
  assert.equal(await statusOf(front, '/-/live'), 200)
})

test('an address that cannot be had is told with what to do', async (t) => {
  const front = await listening(t)
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

test('connections beyond the most are closed unheard, and those that are there are served', async (t) => {
  const front = await listening(t, { connectionsMax: 2 })
  const agents = [1, 2].map(() => new Agent({ keepAlive: true, maxSockets: 1 }))
  t.after(() => {
    for (const agent of agents) agent.destroy()
  })
  for (const agent of agents) assert.equal(await statusOf(front, '/-/live', { agent }), 200)
  await assert.rejects(statusOf(front, '/-/live'), { code: 'ECONNRESET' })
  for (const agent of agents) assert.equal(await statusOf(front, '/-/live', { agent }), 200)
})
