import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import test from 'node:test'
import { toFetchHandler } from '@aquifer/http-adapter'
import { EXAMPLE } from './auth/requests.js'
import { closing, contentType, type Fields, fileParts, formBody, signForm } from './forms.js'
import { RawClient } from './raw-client.js'
import { serveDirectory } from './s3-on-disk.js'

const MiB = 1024 ** 2

const fieldsFor = (key: string, conditions: readonly unknown[] = []): Fields => [
  ['key', key],
  ...signForm({ date: new Date(), conditions: [{ bucket: 'bucket' }, { key }, ...conditions] }),
]

async function serving() {
  const credentials = { secretAccessKey: EXAMPLE.secretAccessKey, ownerId: 'owner', displayName: 'Owner' }
  const at = await serveDirectory({
    credentials: { findCredentials: (id) => (id === EXAMPLE.accessKeyId ? credentials : undefined) },
    authorize: ({ principal, key }) => !principal.anonymous && key !== 'forbidden',
  })
  return {
    ...at,
    port: (at.server.address() as AddressInfo).port,
    async keys(): Promise<string[]> {
      const { entries } = await at.engine.bucket('bucket').list().page()
      return entries.map((entry) => (entry.type === 'object' ? entry.info.key : entry.prefix))
    },
  }
}

/** All of a form but its file's bytes, which come between. */
const head = (fields: Fields): Buffer => {
  const file = fileParts({ bytes: '' })
  return Buffer.concat([formBody(fields).subarray(0, -closing.byteLength), file.subarray(0, -2)])
}
const tail = Buffer.concat([Buffer.from('\r\n'), closing])

async function* bytesOf(count: number, seen = createHash('md5')): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < count; at++) {
    const chunk = Buffer.alloc(MiB, `${at} \r\n--`)
    seen.update(chunk)
    yield chunk
  }
}

const starting = (port: number, headers: Record<string, string>) =>
  httpRequest({ port, method: 'POST', path: '/bucket', headers: { 'content-type': contentType, ...headers } })

for (const isSized of [true, false])
  test(`a large file comes through ${isSized ? 'with' : 'without'} the length of its form`, async () => {
    await using at = await serving()
    const fields = fieldsFor('large', [['content-length-range', 1, 24 * MiB]])
    const lengthBytes = head(fields).byteLength + 24 * MiB + tail.byteLength
    const posting = starting(at.port, isSized ? { 'content-length': String(lengthBytes) } : {})
    const answered = new Promise<IncomingMessage>((resolve) => posting.once('response', resolve))
    const seen = createHash('md5')
    async function* body() {
      yield head(fields)
      yield* bytesOf(24, seen)
      yield tail
    }
    await pipeline(Readable.from(body()), posting)
    const answer = await answered
    assert.equal(answer.statusCode, 204, await text(answer))
    const info = await at.engine.bucket('bucket').head('large')
    assert.deepEqual([info.sizeBytes, info.etag], [24 * MiB, seen.digest('hex')])
  })

const asking = (...headers: readonly string[]): string[] => [
  'POST /bucket HTTP/1.1',
  'Host: x',
  `Content-Type: ${contentType}`,
  ...headers,
  '',
  '',
]

const refusals: [what: string, fields: Fields, code: string][] = [
  ['whose policy is not fulfilled', [...fieldsFor('k'), ['acl', 'private']], 'AccessDenied'],
  ['whose key nobody may write', fieldsFor('forbidden'), 'AccessDenied'],
  [
    'that says what is not built',
    fieldsFor('k', [{ 'x-amz-server-side-encryption': 'AES256' }]).concat([
      ['x-amz-server-side-encryption', 'AES256'],
    ]),
    'NotImplemented',
  ],
  ['whose file is too large', fieldsFor('k', [['content-length-range', 0, 3]]), 'EntityTooLarge'],
]
for (const [what, fields, code] of refusals) {
  test(`after a small form ${what} the connection lives on`, async () => {
    await using at = await serving()
    await using client = await RawClient.connect(at.server)
    const begun = Buffer.concat([head(fields), Buffer.alloc(1_000, 'x')])
    client.say(...asking(`Content-Length: ${begun.byteLength + tail.byteLength}`))
    client.socket.write(begun)
    assert.match(await client.hear('</Error>'), new RegExp(`<Code>${code}</Code>`))
    client.socket.write(tail)
    client.say('GET /bucket/k HTTP/1.1', 'Host: x', '', '')
    await client.hear('</Error>HTTP/1.1 403')
    assert.deepEqual([await at.keys(), await at.blobFiles()], [[], 0])
  })

  test(`a client that sends all of a large form ${what} gets its answer`, async () => {
    await using at = await serving()
    await using client = await RawClient.connect(at.server)
    const form = Buffer.concat([head(fields), Buffer.alloc(24 * MiB), tail])
    client.say(...asking(`Content-Length: ${form.byteLength}`))
    await new Promise<void>((resolve, reject) => {
      client.socket.write(form, (error) => (error ? reject(error) : resolve()))
    })
    assert.match(await client.hearAll(), new RegExp(`<Code>${code}</Code>`))
    assert.deepEqual([await at.keys(), await at.blobFiles()], [[], 0])
  })
}

const cuts: [what: string, body: Buffer][] = [
  ['in a field', head(fieldsFor('k')).subarray(0, 200)],
  ['in its file', Buffer.concat([head(fieldsFor('k')), Buffer.alloc(300_000)])],
  ['before its end', Buffer.concat([head(fieldsFor('k')), Buffer.alloc(300_000), tail.subarray(0, -6)])],
]
for (const [what, body] of cuts) {
  test(`a form without its length that ends ${what} stores nothing`, async () => {
    await using at = await serving()
    const posting = starting(at.port, {})
    const answered = new Promise<IncomingMessage>((resolve) => posting.once('response', resolve))
    posting.end(body)
    const answer = await answered
    assert.equal(answer.statusCode, 400)
    assert.match(await text(answer), /<Code>MalformedPOSTRequest</)
    assert.deepEqual([await at.keys(), await at.blobFiles()], [[], 0])
  })

  test(`a client that leaves ${what} leaves nothing behind`, async () => {
    await using at = await serving()
    await using client = await RawClient.connect(at.server)
    client.say(...asking('Content-Length: 999999'))
    await new Promise((resolve) => client.socket.write(body, resolve))
    client.socket.destroy()
    const { status, operation } = await at.nextRecord()
    assert.equal(status, 499, operation)
    assert.deepEqual([await at.keys(), await at.blobFiles()], [[], 0])
  })
}

test('a form for a key in the URL is refused before the client is told to send it', async () => {
  await using at = await serving()
  await using client = await RawClient.connect(at.server)
  client.say(
    'POST /bucket/k HTTP/1.1',
    'Host: x',
    `Content-Type: ${contentType}`,
    'Content-Length: 500',
    'Expect: 100-continue',
    '',
    '',
  )
  const heard = await client.hear('</Error>')
  assert.match(heard, /^HTTP\/1\.1 405 /)
  assert.doesNotMatch(heard, /100 Continue/)
})

test('a form as fetch makes it, through the handler for fetch', async () => {
  await using at = await serving()
  const form = new FormData()
  for (const [name, value] of fieldsFor('from fetch')) form.append(name, String(value))
  form.append('file', new Blob(['the bytes\r\n--of a blob'], { type: 'image/png' }), 'ü "quoted".png')
  const answer = await toFetchHandler(at.handler)(
    new Request('http://s3.test/bucket', { method: 'POST', body: form }),
  )
  assert.equal(answer.status, 204, await answer.text())
  await using found = await at.engine.bucket('bucket').get('from fetch')
  assert.equal(Buffer.from(await found.bytes()).toString(), 'the bytes\r\n--of a blob')
})
