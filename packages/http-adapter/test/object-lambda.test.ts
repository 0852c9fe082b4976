import assert from 'node:assert/strict'
import { once } from 'node:events'
import test from 'node:test'
import type { Lambda, LambdaEvent } from '@aquifer/http-adapter'
import { S3InMemory } from './s3-in-memory.js'
import { signMessage } from './signing-client.js'

const keys = { accessKeyId: 'KEY', secretAccessKey: 'the-secret-of-all-secrets' }
const ARN = 'arn:minio:s3-object-lambda::upper:webhook'

/** A server with one function, an object `bucket/key` of `some text`, and a way to ask as its owner does. */
async function opened(lambda: Lambda, options = {}) {
  const s3 = await S3InMemory.open({
    credentials: {
      findCredentials: (asked) =>
        asked === keys.accessKeyId ? { ...keys, ownerId: 'owner-id', displayName: 'owner' } : undefined,
    },
    lambdas: new Map([['upper:webhook', lambda]]),
    ...options,
  })
  await s3.engine.createBucket('bucket')
  await s3.engine.bucket('bucket').put('a key', Buffer.from('some text'), { contentType: 'text/plain' })
  const carry = (rawUrl: string, rawHeaders: [string, string][], signal = new AbortController().signal) =>
    s3.carry({ method: 'GET', rawUrl, rawHeaders, body: nothing(), secure: false, signal })
  return {
    [Symbol.asyncDispose]: () => s3[Symbol.asyncDispose](),
    read: async (url: string) => {
      const { host, pathname, search } = new URL(url)
      return carry(`${pathname}${search}`, [['host', host]])
    },
    ask: (query: readonly (readonly [string, string])[] = [['lambdaArn', ARN]], signal?: AbortSignal) => {
      const message = signMessage(keys, {
        form: 'header',
        method: 'GET',
        host: 's3.test:9000',
        path: '/bucket/a%20key',
        query,
        headers: { range: 'bytes=0-1' },
        payload: 'unsigned',
        date: new Date(),
      })
      return carry(message.rawUrl, message.headers, signal)
    },
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

const echo = ({ getObjectContext: { outputRoute, outputToken } }: LambdaEvent) => ({
  'x-amz-request-route': outputRoute,
  'x-amz-request-token': outputToken,
})

test('what a reader gets is what the function makes of the object, which it reads by the URL it is given', async () => {
  let seen: LambdaEvent | undefined
  await using server = await opened({
    async invoke(event) {
      seen = event
      const stored = await server.read(event.getObjectContext.inputS3Url)
      assert.equal(stored.status, 200)
      return new Response(stored.text.toUpperCase(), {
        headers: { ...echo(event), 'x-amz-fwd-header-X-Amz-Meta-Made': 'yes', 'x-internal': 'no' },
      })
    },
  })
  const answer = await server.ask()
  assert.deepEqual([answer.status, answer.text], [200, 'SOME TEXT'])
  assert.equal(answer.headers['x-amz-meta-made'], 'yes')
  assert.equal(answer.headers['x-internal'], undefined)
  assert.match(answer.headers['content-type']!, /^text\/plain/)
  assert.ok(seen !== undefined)
  assert.deepEqual(seen.userIdentity, { type: 'IAMUser', principalId: 'owner-id', accessKeyId: 'KEY' })
  assert.equal(seen.userRequest.url.split('?')[0], 'http://s3.test:9000/bucket/a%20key')
  const told = JSON.stringify(seen)
  assert.deepEqual(seen.userRequest.headers.range, ['bytes=0-1'])
  assert.ok(!/authorization/i.test(told) && !told.includes(keys.secretAccessKey))
})

test('the URL asks for the version, the part and the response headers that the reader asks for', async () => {
  let url = ''
  await using server = await opened({
    invoke: async (event) => {
      url = event.getObjectContext.inputS3Url
      const stored = await server.read(url)
      return new Response(stored.text, { headers: { ...echo(event) }, status: stored.status })
    },
  })
  const query = [
    ['lambdaArn', ARN],
    ['partNumber', '1'],
    ['response-content-type', 'a/b c'],
  ] as const
  assert.equal((await server.ask(query)).status, 206)
  assert.equal((await server.read(url)).headers['content-type'], 'a/b c')
  assert.equal(new URL(url).searchParams.get('X-Amz-Expires'), '3600')
  assert.equal((await server.read(url.replace('partNumber=1', 'partNumber=2'))).code, 'SignatureDoesNotMatch')
})

for (const [what, answer, status, code] of [
  [
    'an answer without a route',
    (event: LambdaEvent) => ({ 'x-amz-request-token': echo(event)['x-amz-request-token'] }),
    400,
    'InvalidRequest',
  ],
  [
    'an answer to something else',
    (event: LambdaEvent) => ({ ...echo(event), 'x-amz-request-route': 'other' }),
    400,
    'InvalidRequest',
  ],
  [
    'an answer that lies about its token',
    (event: LambdaEvent) => ({ ...echo(event), 'x-amz-request-token': 'f'.repeat(64) }),
    400,
    'InvalidToken',
  ],
  [
    'an answer without a token',
    (event: LambdaEvent) => ({ 'x-amz-request-route': echo(event)['x-amz-request-route'] }),
    400,
    'InvalidToken',
  ],
  [
    'a status that is no number',
    (event: LambdaEvent) => ({ ...echo(event), 'x-amz-fwd-status': 'fine' }),
    400,
    'LambdaFunctionStatusError',
  ],
  [
    'a status beyond all',
    (event: LambdaEvent) => ({ ...echo(event), 'x-amz-fwd-status': '1000' }),
    400,
    'LambdaFunctionStatusError',
  ],
  [
    'an error that it does not name',
    (event: LambdaEvent) => ({ ...echo(event), 'x-amz-fwd-status': '404' }),
    400,
    'InvalidRequest',
  ],
  [
    'an error of its own',
    (event: LambdaEvent) => ({
      ...echo(event),
      'x-amz-fwd-status': '418',
      'x-amz-fwd-error-code': 'NoTea',
      'x-amz-fwd-error-message': 'Short & stout',
    }),
    418,
    'NoTea',
  ],
  [
    'a status of its own',
    (event: LambdaEvent) => ({ ...echo(event), 'x-amz-fwd-status': '203' }),
    203,
    undefined,
  ],
  ['nothing at all', (event: LambdaEvent) => ({ ...echo(event), 'x-amz-fwd-status': '204' }), 204, undefined],
] as const) {
  test(`a function answers ${what}: ${code ?? status}`, async () => {
    await using server = await opened({
      invoke: async (event) =>
        new Response('secret words', { headers: answer(event) as Record<string, string> }),
    })
    const found = await server.ask()
    assert.deepEqual([found.status, found.code], [status, code])
    if (code !== undefined) assert.ok(!found.text.includes('secret words'))
    if (status === 204) assert.equal(found.bytes.byteLength, 0)
    if (status === 418) assert.match(found.text, /<Message>Short &amp; stout<\/Message>/)
  })
}

test('a function in this process need not prove that it answers what it was asked', async () => {
  await using server = await opened({ echoes: false, invoke: async () => new Response('made') })
  assert.equal((await server.ask()).text, 'made')
})

test('an ARN that is none, and one that nobody answers to', async () => {
  await using server = await opened({ invoke: async () => new Response() })
  const ask = (arn: string) => server.ask([['lambdaArn', arn]])
  for (const arn of ['', 'x', 'arn:aws:lambda:a:b:c', 'arn:minio:s3-object-lambda::upper', `${ARN}:more`])
    assert.deepEqual([(await ask(arn)).status, (await ask(arn)).code], [400, 'LambdaARNInvalid'], arn)
  for (const id of ['other:webhook', 'upper:function', '__proto__:webhook'])
    assert.equal((await ask(`arn:minio:s3-object-lambda::${id}`)).code, 'LambdaARNNotFound')
  assert.equal((await ask('arn:minio:s3-object-lambda:mars:upper:webhook')).status, 400) // Asked, and answers no route.
})

test('a function that fails, and one that never answers, are told apart', async () => {
  await using failing = await opened({ invoke: async () => Promise.reject(new Error('ECONNREFUSED')) })
  const failed = await failing.ask()
  assert.deepEqual([failed.status, failed.code], [502, 'LambdaInvocationFailed'])
  assert.ok(!failed.text.includes('ECONNREFUSED'))
  let stopped = false
  await using hanging = await opened(
    {
      invoke: (_, { signal }) => {
        signal.addEventListener('abort', () => {
          stopped = true
        })
        return new Promise(() => {})
      },
    },
    { lambdaTimeoutMs: 20 },
  )
  const hung = await hanging.ask()
  assert.deepEqual([hung.status, hung.code, stopped], [504, 'LambdaTimeout', true])
})

test('a body that stops in its midst ends the answer in its midst, and the function is told', async () => {
  let stopped = false
  async function* half() {
    yield Buffer.from('half')
    await new Promise(() => {})
  }
  await using server = await opened(
    {
      invoke: async (event, { signal }) => {
        signal.addEventListener('abort', () => {
          stopped = true
        })
        return { status: 200, headers: new Headers(echo(event)), body: half() }
      },
    },
    { lambdaTimeoutMs: 20 },
  )
  await assert.rejects(server.ask(), { code: 'LambdaTimeout' })
  assert.ok(stopped)
})

test('a reader who leaves stops the function', async () => {
  const leaving = new AbortController()
  const started = new EventTarget()
  let stopped = false
  await using server = await opened({
    invoke: (_, { signal }) => {
      signal.addEventListener('abort', () => {
        stopped = true
      })
      started.dispatchEvent(new Event('started'))
      return new Promise(() => {})
    },
  })
  const asked = server.ask(undefined, leaving.signal)
  await once(started, 'started')
  leaving.abort()
  await asked
  assert.ok(stopped)
})
