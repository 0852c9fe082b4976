import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import test, { type TestContext } from 'node:test'
import { OutgoingCalls, type OutgoingOptions } from './outgoing-calls.js'
import { OutgoingError } from './outgoing-error.js'

const failsWith = (code: string) => (error: unknown) => error instanceof OutgoingError && error.code === code

async function listening(
  t: TestContext,
  listener: RequestListener,
): Promise<{ port: number; seen: () => number }> {
  let connections = 0
  const server = createServer(listener)
  server.on('connection', () => {
    connections++
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, seen: () => connections }
}

function calls(
  t: TestContext,
  options: OutgoingOptions = { allowed: ['127.0.0.0/8', '::1'] },
): OutgoingCalls {
  const made = new OutgoingCalls(options)
  t.after(() => made.close())
  return made
}

test('a call sends and receives, whole or in a stream', async (t) => {
  const { port, seen } = await listening(t, (request, response) => {
    response.setHeader('x-asked', `${request.method} ${request.url} ${request.headers['x-a']}`)
    request.pipe(response)
  })
  const outgoing = calls(t)
  async function* pieces() {
    yield Buffer.from('some ')
    yield Buffer.from('text')
  }
  for (const body of [Buffer.from('some text'), pieces]) {
    const answer = await outgoing.request(`http://127.0.0.1:${port}/p?q`, {
      method: 'POST',
      headers: { 'x-a': 'b' },
      body,
    })
    assert.deepEqual([answer.status, answer.headers.get('x-asked')], [200, 'POST /p?q b'])
    assert.equal(Buffer.from(await answer.bytes(100)).toString(), 'some text')
  }
  assert.equal(seen(), 1) // A connection is used again.
})

test('an address of this machine is refused, as itself and by a name that leads to it, before a byte is sent', async (t) => {
  let asked = 0
  const { port } = await listening(t, (_, response) => {
    asked++
    response.end()
  })
  const outgoing = calls(t, {})
  for (const host of [
    '127.0.0.1',
    'localhost',
    '[::ffff:127.0.0.1]',
    '[::1]',
    '0x7f.1',
    '2130706433',
    '0.0.0.0',
  ])
    await assert.rejects(
      outgoing.request(`http://${host}:${port}/`, { method: 'GET' }),
      (error) => failsWith('AddressNotAllowed')(error) || failsWith('Unreachable')(error),
      host,
    )
  await assert.rejects(
    outgoing.request(`http://localhost:${port}/`, { method: 'GET' }),
    failsWith('AddressNotAllowed'),
  )
  await assert.rejects(
    outgoing.request('http://169.254.169.254/latest', { method: 'GET' }),
    failsWith('AddressNotAllowed'),
  )
  assert.equal(asked, 0)
})

test('a redirect is an answer like any other, and is not followed', async (t) => {
  let elsewhere = 0
  const other = await listening(t, (_, response) => {
    elsewhere++
    response.end()
  })
  const { port } = await listening(t, (_, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${other.port}/` })
    response.end()
  })
  const answer = await calls(t).request(`http://127.0.0.1:${port}/`, { method: 'GET' })
  assert.equal(answer.status, 307)
  answer.discard()
  assert.equal(elsewhere, 0)
})

test('a URL that is none, of another scheme, or with a password in it is refused', async (t) => {
  for (const url of ['', 'x', 'file:///etc/passwd', 'ftp://a/', 'http://u:p@a/', 'gopher://a'])
    await assert.rejects(calls(t).request(url, { method: 'GET' }), failsWith('InvalidUrl'), url)
})

test('a server that never answers, stops in its answer, or is not there', async (t) => {
  const silent = await listening(t, () => {})
  const outgoing = calls(t)
  const options = { method: 'GET', idleTimeoutMs: 30 }
  await assert.rejects(outgoing.request(`http://127.0.0.1:${silent.port}/`, options), failsWith('TimedOut'))
  const half = await listening(t, (_, response) => {
    response.writeHead(200, { 'content-length': '10' })
    response.write('half')
  })
  const answer = await outgoing.request(`http://127.0.0.1:${half.port}/`, options)
  await assert.rejects(answer.bytes(100))
  const closed = createTcpServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => closed.once('listening', resolve))
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  await assert.rejects(outgoing.request(`http://127.0.0.1:${port}/`, options), failsWith('Unreachable'))
})

test('an answer longer than wanted is not taken, and a caller who leaves is let go', async (t) => {
  const { port } = await listening(t, (request, response) => {
    if (request.url === '/long') response.end(Buffer.alloc(100_000))
  })
  const outgoing = calls(t)
  const answer = await outgoing.request(`http://127.0.0.1:${port}/long`, { method: 'GET' })
  await assert.rejects(answer.bytes(99_999), failsWith('TooLarge'))
  const leaving = new AbortController()
  const waiting = outgoing.request(`http://127.0.0.1:${port}/`, { method: 'GET', signal: leaving.signal })
  setImmediate(() => leaving.abort())
  await assert.rejects(waiting, { name: 'AbortError' })
})

test('who waits for a connection is not kept waiting by the server', async (t) => {
  let arrived = (_: () => void): void => {}
  const first = new Promise<() => void>((resolve) => {
    arrived = resolve
  })
  const { port, seen } = await listening(t, (request, response) => {
    if (request.url === '/first') arrived(() => response.end())
    else response.end()
  })
  const outgoing = calls(t, { allowed: ['127.0.0.1'], connectionsMax: 1 })
  async function* body() {
    yield Buffer.from('some text')
  }
  const request = (path: string, idleTimeoutMs: number) =>
    outgoing
      .request(`http://127.0.0.1:${port}${path}`, { method: 'POST', body, idleTimeoutMs })
      .then((answer) => answer.bytes(100))
  const slow = request('/first', 10_000)
  const release = await first
  const waiting = request('/second', 40)
  setTimeout(release, 120)
  await Promise.all([slow, waiting])
  assert.equal(seen(), 1)
})
