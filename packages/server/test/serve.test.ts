import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { answerTo, Running, startServer, temporaryDirectory } from './running-server.js'

test('what is put before a stop is there after the next start, under the same key pair', async (t) => {
  const directory = await temporaryDirectory(t)
  const first = await startServer(t, directory)
  assert.equal((await first.client.ask('PUT', '/bucket')).status, 200)
  assert.equal((await first.client.ask('PUT', '/bucket/key', 'kept')).status, 200)
  first.running.process.kill('SIGTERM')
  assert.equal(await first.running.ended, 0)

  const second = await startServer(t, directory)
  assert.equal((await second.client.ask('GET', '/bucket/key')).text, 'kept')
})

test('the banner holds the address, the access key and three commands, and never the secret', async (t) => {
  const directory = await temporaryDirectory(t)
  const { running, url } = await startServer(t, directory)
  const file = await readFile(join(directory, 'root-credentials'), 'utf8')
  const [, accessKeyId] = /aws_access_key_id = (\S+)/.exec(file)!
  const [, secretAccessKey] = /aws_secret_access_key = (\S+)/.exec(file)!
  assert.ok(running.out.includes(accessKeyId!))
  assert.match(running.out, new RegExp(`aws --endpoint-url ${url.origin} s3 mb`))
  assert.match(running.out, /rclone lsd/)
  assert.match(running.out, /new S3Client\(/)
  assert.ok(!running.out.includes(secretAccessKey!))
  assert.ok(!running.err.includes(secretAccessKey!))
  assert.equal((await stat(join(directory, 'root-credentials'))).mode & 0o777, 0o600)
})

test('a stop lets a slow upload finish, says it is not ready meanwhile, and ends with 0', async (t) => {
  const directory = await temporaryDirectory(t)
  const { running, url, client } = await startServer(t, directory)
  await client.ask('PUT', '/bucket')
  const upload = client.open('PUT', '/bucket/slow', 300_000)
  upload.setHeader('expect', '100-continue')
  upload.flushHeaders()
  await once(upload, 'continue') // The upload is let in and running.
  upload.write(Buffer.alloc(200_000, 'a'))

  running.process.kill('SIGTERM')
  await running.says(/running requests may finish/)
  assert.equal((await fetch(new URL('/-/ready', url))).status, 503)
  assert.equal((await client.ask('GET', '/bucket')).status, 503)
  upload.end(Buffer.alloc(100_000, 'b'))
  assert.equal((await answerTo(upload)).status, 200)
  assert.equal(await running.ended, 0)

  const again = await startServer(t, directory)
  const stored = (await again.client.ask('GET', '/bucket/slow')).text
  assert.equal(stored, 'a'.repeat(200_000) + 'b'.repeat(100_000))
})

test('a second signal does not wait, and what was half uploaded is not there', async (t) => {
  const directory = await temporaryDirectory(t)
  const { running, client } = await startServer(t, directory)
  await client.ask('PUT', '/bucket')
  const upload = client.open('PUT', '/bucket/slow', 300_000)
  upload.setHeader('expect', '100-continue')
  upload.flushHeaders()
  await once(upload, 'continue')
  upload.write(Buffer.alloc(200_000))

  running.process.kill('SIGTERM')
  await running.says(/running requests may finish/)
  const cut = assert.rejects(answerTo(upload))
  running.process.kill('SIGINT')
  assert.equal(await running.ended, 130)
  assert.match(running.err, /forced to stop/)
  await cut

  const again = await startServer(t, directory)
  assert.equal((await again.client.ask('GET', '/bucket/slow')).status, 404)
})

test('an upload that outlasts --drain-timeout is cut off, and the store closes all the same', async (t) => {
  const directory = await temporaryDirectory(t)
  const { running, client } = await startServer(t, directory, ['--drain-timeout', '0'])
  await client.ask('PUT', '/bucket')
  const upload = client.open('PUT', '/bucket/slow', 300_000)
  upload.setHeader('expect', '100-continue')
  upload.flushHeaders()
  await once(upload, 'continue')
  const cut = assert.rejects(answerTo(upload))
  running.process.kill('SIGTERM')
  assert.equal(await running.ended, 0)
  assert.match(running.err, /"requests":1/)
  await cut
})

test('each request has a line of log with the request id the client was given', async (t) => {
  const { running, client } = await startServer(t, await temporaryDirectory(t))
  const { headers } = await client.ask('GET', '/no-such-bucket/key?X-Amz-Signature=nothing')
  const id = headers['x-amz-request-id']
  assert.ok(id)
  await running.says(new RegExp(`"requestId":"${id}"`))
  assert.ok(!running.err.includes('X-Amz-Signature'))
})

test('a directory that another process serves is refused, by the name of who has it', async (t) => {
  const directory = await temporaryDirectory(t)
  const { running, client } = await startServer(t, directory)
  const second = new Running(t, ['serve', directory, '--port', '0'])
  assert.equal(await second.ended, 4)
  assert.match(second.err, new RegExp(`^aquifer: .*${running.process.pid}`))
  assert.match(second.err, /Stop that process first/)
  assert.equal((await client.ask('PUT', '/bucket')).status, 200)
})

type Case = [words: string[], environment: Record<string, string>, exitCode: number, says: RegExp]

test('what cannot be served is told in a sentence with what to do, and by the exit code', async (t) => {
  const directory = await temporaryDirectory(t)
  const { url } = await startServer(t, directory)
  const file = join(directory, 'a-file')
  await writeFile(file, '')
  const readable = await temporaryDirectory(t)
  await writeFile(join(readable, 'root-credentials'), '')
  await chmod(join(readable, 'root-credentials'), 0o644)
  const free = ['--port', '0']
  const cases: Case[] = [
    [['serve', '--prot', '1'], {}, 2, /unknown option '--prot'/],
    [['serve', '--port', 'x'], {}, 2, /--port must be a whole number/],
    [['serve'], { AQUIFER_LOG: 'loud' }, 2, /AQUIFER_LOG must be one of/],
    [['serve', file, ...free], {}, 4, /is not a directory/],
    [['serve', join(file, 'below'), ...free], {}, 4, /is not a directory/],
    ...(process.platform === 'linux'
      ? [[['serve', '/proc/nowhere', ...free], {}, 4, /cannot be made there/] satisfies Case]
      : []),
    [['serve', await temporaryDirectory(t), '--port', url.port], {}, 5, /is already in use/],
    [['serve', readable, ...free], {}, 6, /can be read by other users/],
    [['serve', readable, ...free], { AQUIFER_ROOT_ACCESS_KEY: 'one' }, 6, /Only one of/],
  ]
  for (const [words, environment, exitCode, says] of cases) {
    const refused = new Running(t, words, environment)
    assert.equal(await refused.ended, exitCode, words.join(' '))
    assert.match(refused.err, says)
    assert.match(refused.err, /^aquifer: .+\n(.+\n)? {2}\S/)
    assert.ok(!refused.err.includes('    at '), 'no stack')
  }
})

test('a misspelt variable is pointed out', async (t) => {
  const running = new Running(t, ['serve', await temporaryDirectory(t), '--port', '0'], { AQUIFER_PROT: '1' })
  await running.says(/"name":"AQUIFER_PROT"/)
})
