import assert from 'node:assert/strict'
import test from 'node:test'
import { type AdapterRequest, type S3Handler, toFetchHandler } from '@aquifer/http-adapter'

test('a Request is seen as it was sent, and its body is streamed', async () => {
  let seen: AdapterRequest | undefined
  const bytes: Uint8Array[] = []
  const handler: S3Handler = async (request) => {
    seen = request
    for await (const chunk of request.body) bytes.push(chunk)
    return { status: 200, headers: { etag: '"x"', 'content-length': '0' } }
  }
  const response = await toFetchHandler(
    handler,
    () => '192.0.2.7',
  )(
    new Request('https://s3.example.com/b/a%2Fb?x=%20y', {
      method: 'PUT',
      headers: { 'X-Amz-Meta-A': 'b' },
      body: 'hello',
    }),
  )
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('etag'), '"x"')
  assert.equal(Buffer.concat(bytes).toString(), 'hello')
  assert.equal(seen?.rawUrl, '/b/a%2Fb?x=%20y')
  assert.equal(seen?.secure, true)
  assert.equal(seen?.remoteAddress, '192.0.2.7')
  const headers = Object.fromEntries(seen!.rawHeaders)
  assert.equal(headers['host'], 's3.example.com')
  assert.equal(headers['x-amz-meta-a'], 'b')
})

test('bodies come out whole, empty answers without one', async () => {
  async function* two(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('abc')
    yield Buffer.from('def')
  }
  const answers: Record<string, Awaited<ReturnType<S3Handler>>> = {
    '/stream': { status: 200, headers: {}, body: two() },
    '/bytes': { status: 206, headers: {}, body: Buffer.from('abc') },
    '/none': { status: 204, headers: {} },
    '/same': { status: 304, headers: { etag: '"x"' } },
  }
  const serve = toFetchHandler(async ({ rawUrl }) => answers[rawUrl]!)
  const texts = []
  for (const path of Object.keys(answers))
    texts.push(await (await serve(new Request(`http://x${path}`))).text())
  assert.deepEqual(texts, ['abcdef', 'abc', '', ''])
})

test('a reader that leaves early lets go of the body', async () => {
  let isReleased = false
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(1_024)
    } finally {
      isReleased = true
    }
  }
  const serve = toFetchHandler(async () => ({ status: 200, headers: {}, body: endless() }))
  const response = await serve(new Request('http://x/b/k'))
  const reader = response.body!.getReader()
  await reader.read()
  await reader.cancel()
  assert.equal(isReleased, true)
})

test('a body that fails is an error to its reader', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half')
    throw new Error('the stored bytes are damaged')
  }
  const serve = toFetchHandler(async () => ({ status: 200, headers: {}, body: broken() }))
  await assert.rejects((await serve(new Request('http://x/b/k'))).text())
})
