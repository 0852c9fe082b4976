import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type TestContext } from 'node:test'
import { signMessage } from '../../http-adapter/dist-test/signing-client.js'
import { answerTo, signerOf, startServer, temporaryDirectory } from './running-server.js'

interface Proxy {
  /** Where requests go, by then known. */
  origin?: URL
  readonly port: number
}

/** Passes requests on under another Host, with a path taken off. */
async function startProxy(t: TestContext, { pathTaken = '', tellsHost = false }): Promise<Proxy> {
  const proxy: { origin?: URL; port: number } = { port: 0 }
  const server = createServer((received, response) => {
    const { host = '', ...headers } = received.headers
    const passed = request(new URL(received.url!.slice(pathTaken.length), proxy.origin), {
      method: received.method!,
      headers: { ...headers, host: 'inside:9000', ...(tellsHost ? { 'x-forwarded-host': host } : {}) },
    })
    passed.on('response', (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    received.pipe(passed)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  proxy.port = (server.address() as AddressInfo).port
  return proxy
}

async function presign(directory: string, url: URL, method: string): Promise<string> {
  const { host, pathname: path } = url
  const payload = 'unsigned'
  const { rawUrl } = signMessage(await signerOf(directory), {
    form: 'query',
    method,
    host,
    path,
    payload,
    date: new Date(),
  })
  return new URL(rawUrl, url).href
}

const ways: [name: string, words: (publicUrl: string) => string[], pathTaken: string, tellsHost: boolean][] =
  [
    ['named as the public URL', (url) => ['--public-url', url], '', false],
    ['whose path the proxy takes off', (url) => ['--public-url', `${url}/store`], '/store', false],
    ['told by a trusted proxy', () => ['--trusted-proxy', '127.0.0.0/8,::1'], '', true],
  ]

for (const [name, words, pathTaken, tellsHost] of ways) {
  test(`a presigned URL works that was made for an address ${name}`, async (t) => {
    const directory = await temporaryDirectory(t)
    const proxy = await startProxy(t, { pathTaken, tellsHost })
    const publicUrl = `http://localhost:${proxy.port}`
    const { url, client } = await startServer(t, directory, words(publicUrl))
    proxy.origin = url
    await client.ask('PUT', '/bucket')

    const target = new URL(`${pathTaken}/bucket/a%20key`, publicUrl)
    const put = await fetch(await presign(directory, target, 'PUT'), { method: 'PUT', body: 'through it' })
    assert.equal(put.status, 200, await put.text())
    const got = await fetch(await presign(directory, target, 'GET'))
    assert.equal(await got.text(), 'through it')
    assert.equal((await client.ask('GET', '/bucket/a%20key')).text, 'through it')
  })
}

test('a proxy that is not trusted is not believed', async (t) => {
  const directory = await temporaryDirectory(t)
  const proxy = await startProxy(t, { tellsHost: true })
  const { url } = await startServer(t, directory, ['--trusted-proxy', '192.0.2.1'])
  proxy.origin = url
  const target = new URL('/bucket', `http://localhost:${proxy.port}`)
  const refused = await fetch(await presign(directory, target, 'GET'))
  assert.match(await refused.text(), /SignatureDoesNotMatch/)
})

test('under a base path everything lies there, and the health checks where they were', async (t) => {
  const directory = await temporaryDirectory(t)
  const { running, url } = await startServer(t, directory, ['--base-path', '/storage'])
  assert.match(running.out, /Aquifer serves S3 at http:\/\/127\.0\.0\.1:\d+\/storage from/)
  const target = new URL('/storage/bucket', url)
  assert.equal((await fetch(await presign(directory, target, 'PUT'), { method: 'PUT' })).status, 200)
  assert.equal((await fetch(new URL('/-/ready', url))).status, 200)
  const outside = request(await presign(directory, new URL('/bucket', url), 'GET'))
  assert.match((await answerTo(outside.end())).text, /InvalidURI/)
})
