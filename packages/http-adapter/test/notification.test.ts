import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { Engine, type EngineEvent, type EventTarget } from '@aquifer/engine'
import { createS3Handler } from '@aquifer/http-adapter'
import { type Asked, owner, texts } from './s3-in-memory.js'

const ARN = 'arn:minio:sqs::hook:webhook'

/** An engine with a target, and the handler over it. */
async function place(options: { stopping?: AbortSignal } = {}) {
  const got: EngineEvent[] = []
  let wake: (() => void) | undefined
  const target: EventTarget = {
    async deliver(event) {
      got.push(event)
      wake?.()
    },
  }
  const engine = await Engine.open({ eventTargets: [{ arn: ARN, target }] })
  const handler = createS3Handler(engine, {
    owner: { id: 'owner-id', displayName: '' },
    authenticate: () => owner,
    ...options,
  })
  const begin = (
    method: string,
    rawUrl: string,
    { headers = {}, body }: Asked = {},
    signal = new AbortController().signal,
  ) => {
    const bytes = Buffer.from(body ?? '')
    const rawHeaders = Object.entries({ host: 's3.test', 'content-length': String(bytes.length), ...headers })
    return handler({
      ...{ method, rawUrl, rawHeaders, secure: false, signal, remoteAddress: '192.0.2.7' },
      body: (async function* () {
        if (bytes.length > 0) yield bytes
      })(),
    })
  }
  const ask = async (...asked: Parameters<typeof begin>) => {
    const { status, headers, body } = await begin(...asked)
    const chunks: Uint8Array[] = []
    if (body instanceof Uint8Array) chunks.push(body)
    else if (body !== undefined) for await (const chunk of body) chunks.push(Uint8Array.from(chunk))
    const text = Buffer.concat(chunks).toString()
    return { status, headers, text, code: /<Code>(.*?)<\/Code>/.exec(text)?.[1] }
  }
  const holds = async (count: number) => {
    while (got.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    return got
  }
  await ask('PUT', '/logs')
  return { engine, ask, begin, got, holds, [Symbol.asyncDispose]: () => engine.close() }
}

const configuration = (queue: string) =>
  `<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${queue}</NotificationConfiguration>`
const queue = (inner: string, arn = ARN) =>
  `<QueueConfiguration><Queue>${arn}</Queue>${inner}</QueueConfiguration>`
const created = '<Event>s3:ObjectCreated:*</Event>'
const filter = (...rules: [string, string][]) =>
  `<Filter><S3Key>${rules.map(([name, value]) => `<FilterRule><Name>${name}</Name><Value>${value}</Value></FilterRule>`).join('')}</S3Key></Filter>`

test('a configuration is put, told with its region, and cleared', async () => {
  await using s3 = await place()
  assert.equal(texts((await s3.ask('GET', '/logs?notification')).text, 'Queue').length, 0)
  const body = configuration(
    queue(
      `<Id>one</Id>${created}<Event>s3:ObjectRemoved:Delete</Event>${filter(['Prefix', 'in/'], ['suffix', '.gz'])}`,
    ),
  )
  assert.equal((await s3.ask('PUT', '/logs?notification', { body })).status, 200)
  assert.deepEqual(
    s3.got.map(({ name, bucket }) => `${name} ${bucket}`),
    ['s3:TestEvent logs'],
  )
  const { text } = await s3.ask('GET', '/logs?notification')
  assert.deepEqual(texts(text, 'Id'), ['one'])
  assert.deepEqual(texts(text, 'Queue'), ['arn:minio:sqs:us-east-1:hook:webhook'])
  assert.deepEqual(texts(text, 'Event'), ['s3:ObjectCreated:*', 's3:ObjectRemoved:Delete'])
  assert.deepEqual(texts(text, 'Name'), ['prefix', 'suffix'])
  assert.deepEqual(texts(text, 'Value'), ['in/', '.gz'])
  // What was told can be put again.
  assert.equal((await s3.ask('PUT', '/logs?notification', { body: text })).status, 200)
  assert.equal((await s3.ask('PUT', '/logs?notification', { body: configuration('') })).status, 200)
  assert.equal(texts((await s3.ask('GET', '/logs?notification')).text, 'Queue').length, 0)
})

test('what cannot be honoured is refused, and nothing is set', async () => {
  await using s3 = await place()
  const refused: [string, string][] = [
    ['InvalidArgument', queue('<Event>s3:ObjectEaten:Whole</Event>')],
    ['InvalidArgument', queue(created, 'arn:minio:sqs::other:webhook')],
    ['InvalidArgument', queue(created, 'arn:minio:sqs:mars-1:hook:webhook')],
    ['InvalidArgument', queue(created, 'hook')],
    ['InvalidArgument', queue(created + created)],
    ['InvalidArgument', queue(created) + queue(created)],
    ['InvalidArgument', queue(created + filter(['infix', 'a']))],
    ['InvalidArgument', queue(created + filter(['prefix', 'a'], ['Prefix', 'b']))],
    ['InvalidArgument', queue(created + filter(['prefix', '../a']))],
    ['MalformedXML', queue('')],
    ['UnsupportedNotification', `<TopicConfiguration><Topic>a</Topic>${created}</TopicConfiguration>`],
    ['UnsupportedNotification', `<CloudFunctionConfiguration>${created}</CloudFunctionConfiguration>`],
  ]
  for (const [code, inner] of refused)
    assert.equal(
      (await s3.ask('PUT', '/logs?notification', { body: configuration(inner) })).code,
      code,
      inner,
    )
  assert.equal(
    (await s3.ask('PUT', '/none?notification', { body: configuration(queue(created)) })).code,
    'NoSuchBucket',
  )
  assert.equal((await s3.ask('GET', '/none?notification')).code, 'NoSuchBucket')
  assert.equal(texts((await s3.ask('GET', '/logs?notification')).text, 'Queue').length, 0)
  assert.equal(s3.got.length, 0)
})

test('events tell who asked, and every way of reading by its own name', async () => {
  await using s3 = await place()
  const all =
    '<Event>s3:ObjectCreated:*</Event><Event>s3:ObjectAccessed:*</Event><Event>s3:ObjectRemoved:*</Event>'
  await s3.ask('PUT', '/logs?notification', { body: configuration(queue(all)) })
  const headers = { 'user-agent': 'test/1', 'x-amz-meta-a': 'b' }
  const put = await s3.ask('PUT', '/logs/a', { headers, body: 'hello' })
  await s3.ask('HEAD', '/logs/a')
  await s3.ask('HEAD', '/logs/a', { headers: { range: 'bytes=0-1' } })
  await s3.ask('GET', '/logs/a', { headers: { range: 'bytes=0-1' } })
  await s3.ask('GET', '/logs/a?attributes', { headers: { 'x-amz-object-attributes': 'ETag' } })
  await s3.ask('GET', '/logs/a?tagging')
  await s3.ask('GET', '/logs/a?acl')
  await s3.ask('PUT', '/logs/b', { headers: { 'x-amz-copy-source': '/logs/a' } })
  await s3.ask('DELETE', '/logs/a?tagging')
  await s3.ask('POST', '/logs?delete', {
    headers: { 'content-md5': md5('<Delete><Object><Key>b</Key></Object></Delete>') },
    body: '<Delete><Object><Key>b</Key></Object></Delete>',
  })
  const events = (await s3.holds(9)).slice(1).sort((x, y) => (x.sequencer < y.sequencer ? -1 : 1))
  assert.deepEqual(
    events.map(({ name, key }) => `${name.slice(3)} ${key}`),
    [
      'ObjectCreated:Put a',
      'ObjectAccessed:Head a',
      'ObjectAccessed:Head a',
      'ObjectAccessed:Get a',
      'ObjectAccessed:Attributes a',
      'ObjectCreated:Copy b',
      'ObjectCreated:DeleteTagging a',
      'ObjectRemoved:Delete b',
    ],
  )
  const { origin } = events[0]!
  assert.deepEqual(
    { ...origin, hostId: undefined },
    {
      ...{ principalId: 'KEY', sourceAddress: '192.0.2.7', userAgent: 'test/1', region: 'us-east-1' },
      ...{ requestId: put.headers['x-amz-request-id'], hostId: undefined },
    },
  )
  assert.equal(origin.hostId, put.headers['x-amz-id-2'])
  assert.equal(events[3]!.origin.range, 'bytes=0-1')
})

test('what happens can be listened to, in one bucket or all, with signs of life', async () => {
  await using s3 = await place()
  await s3.ask('PUT', '/other')
  const leaving = new AbortController()
  const one = await s3.begin(
    'GET',
    '/logs?events=s3:ObjectCreated:*&events=s3:ObjectRemoved:*&prefix=in/&suffix=',
    {},
    leaving.signal,
  )
  const all = await s3.begin('GET', '/?events=s3:ObjectCreated:*&ping=1', {}, leaving.signal)
  assert.equal(one.status, 200)
  assert.equal(one.headers['content-type'], 'text/event-stream')
  const linesOf = (response: typeof one) => lines(response.body as AsyncIterable<Uint8Array>)
  const [ofOne, ofAll] = [linesOf(one), linesOf(all)]
  await s3.ask('PUT', '/other/x', { body: '1' })
  await s3.ask('PUT', '/logs/in/a b', { body: '22', headers: { 'content-type': 'text/plain' } })
  await s3.ask('PUT', '/logs/out', { body: '1' })
  await s3.ask('DELETE', '/logs/in/a b')
  const first = JSON.parse((await ofOne.next()).value!).Records[0]
  assert.deepEqual(
    [
      first.eventName,
      first.s3.bucket.name,
      first.s3.object.key,
      first.s3.object.size,
      first.userIdentity.principalId,
    ],
    ['s3:ObjectCreated:Put', 'logs', 'in/a b', 2, 'KEY'],
  )
  assert.equal(JSON.parse((await ofOne.next()).value!).Records[0].eventName, 's3:ObjectRemoved:Delete')
  const keys = []
  for (let at = 0; at < 3; at++) keys.push(JSON.parse((await ofAll.next()).value!).Records[0].s3.object.key)
  assert.deepEqual(keys.sort(), ['in/a b', 'out', 'x'])
  assert.deepEqual(JSON.parse((await ofAll.next()).value!), { Records: null })
  await ofAll.return(undefined)
  await ofOne.return(undefined)
  assert.deepEqual(
    (await s3.engine.events.status()).map(({ kind }) => kind),
    ['target'],
  )
})

test('listening for what is none, or nowhere, is refused before it begins; a server that stops ends it', async () => {
  const stopping = new AbortController()
  await using s3 = await place({ stopping: stopping.signal })
  for (const [query, code] of [
    ['events=s3:Nothing:*', 'InvalidArgument'],
    ['events=', 'InvalidArgument'],
    ['events=s3:ObjectCreated:*&prefix=a&prefix=b', 'InvalidArgument'],
    ['events=s3:ObjectCreated:*&suffix=..', 'InvalidArgument'],
    ['events=s3:ObjectCreated:*&ping=0', 'InvalidArgument'],
    ['events=s3:ObjectCreated:*&ping=soon', 'InvalidArgument'],
  ])
    assert.equal((await s3.ask('GET', `/logs?${query}`)).code, code, query)
  assert.equal((await s3.ask('GET', '/none?events=s3:ObjectCreated:*')).code, 'NoSuchBucket')
  const listening = s3.ask('GET', '/logs?events=s3:ObjectCreated:*')
  while ((await s3.engine.events.status()).length < 2) await new Promise(setImmediate)
  stopping.abort()
  assert.match((await listening).text, /^ +$/)
})

const md5 = (text: string) => createHash('md5').update(text).digest('base64')

/** Without the signs of life that are but spaces. */
async function* lines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined, undefined> {
  let text = ''
  for await (const chunk of body) {
    text += Buffer.from(chunk).toString()
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      yield text.slice(0, end)
      text = text.slice(end + 1)
    }
  }
  return undefined
}
