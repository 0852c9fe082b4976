import assert from 'node:assert/strict'
import { once } from 'node:events'
import test from 'node:test'
import { startServer, temporaryDirectory } from './running-server.js'

const threaded = ['--http-threads', '1']

test('HTTP on a thread of its own: requests, their log, health, and a stop that waits', async (t) => {
  const { running, url, client } = await startServer(t, await temporaryDirectory(t), threaded)
  assert.equal((await client.ask('PUT', '/bucket')).status, 200)
  const slow = client.open('PUT', '/bucket/slow', 10)
  slow.write('01234')
  assert.equal((await client.ask('PUT', '/bucket/key', 'body')).status, 200)
  assert.equal((await client.ask('GET', '/bucket/key')).text, 'body')
  assert.equal((await client.ask('GET', '/bucket/missing')).status, 404)
  assert.equal(await (await fetch(new URL('/-/ready', url))).text(), 'ready\n')
  await running.says(/"operation":"GetObject","code":"NoSuchKey"/)
  running.process.kill('SIGTERM')
  await running.says(/running requests may finish/)
  slow.end('56789')
  const [answer] = await once(slow, 'response')
  assert.equal(answer.statusCode, 200)
  assert.equal(await running.ended, 0)
  assert.match(running.err, /"operation":"PutObject","key":"slow"|"key":"slow"/)
  assert.match(running.err, /"msg":"stopped"/)
})

test('a body that is cut off with its connection is not stored, though a thread lies between', async (t) => {
  const { client, running } = await startServer(t, await temporaryDirectory(t), threaded)
  await client.ask('PUT', '/bucket')
  const cut = client.open('PUT', '/bucket/cut', 2_000_000)
  cut.on('error', () => {})
  await new Promise<void>((resolve) => cut.write(Buffer.alloc(1_500_000), () => resolve()))
  cut.destroy()
  await running.says(/"key":"cut"/)
  assert.equal((await client.ask('HEAD', '/bucket/cut')).status, 404)
})

test('large bodies come back as they went', async (t) => {
  const { client } = await startServer(t, await temporaryDirectory(t), threaded)
  await client.ask('PUT', '/bucket')
  const text = 'water runs downhill. '.repeat(500_000)
  await client.ask('PUT', '/bucket/large', text)
  assert.ok((await client.ask('GET', '/bucket/large')).text === text)
})

test('a stop does not wait for ever: what is cut off is counted', async (t) => {
  const words = [...threaded, '--drain-timeout', '0']
  const { running, client } = await startServer(t, await temporaryDirectory(t), words)
  await client.ask('PUT', '/bucket')
  const slow = client.open('PUT', '/bucket/slow', 10)
  slow.on('error', () => {})
  slow.write('01234')
  await client.ask('GET', '/bucket')
  running.process.kill('SIGTERM')
  assert.equal(await running.ended, 0)
  assert.match(running.err, /"requests":1/)
})
