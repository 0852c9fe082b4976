import assert from 'node:assert/strict'
import test from 'node:test'
import type { AccessRequest, S3HandlerOptions } from '@aquifer/http-adapter'
import { EXAMPLE } from './auth/requests.js'
import { closing, contentType, type Fields, type FormFile, formBody, signForm } from './forms.js'
import { S3InMemory } from './s3-in-memory.js'

const now = Date.UTC(2026, 10, 23, 12)
const bytes = 'the bytes of a file'

async function opened(options: Partial<S3HandlerOptions> = {}): Promise<S3InMemory> {
  const s3 = await S3InMemory.open({
    now: () => now,
    owner: { id: 'root-id', displayName: 'root' },
    credentials: {
      findCredentials: (asked) =>
        asked === EXAMPLE.accessKeyId
          ? { secretAccessKey: EXAMPLE.secretAccessKey, ownerId: 'user-id', displayName: 'user' }
          : undefined,
    },
    ...options,
  })
  await s3.engine.createBucket('bucket')
  return s3
}

interface Form {
  readonly list?: readonly string[]
  readonly more?: Fields
  readonly conditions?: readonly unknown[]
  readonly isUnsized?: boolean
  readonly file?: FormFile
  readonly headers?: Record<string, string>
  readonly unsigned?: boolean
}

/** As minio-go sends it: the fields that its policy allows, the list, the file. */
function post(s3: S3InMemory, form: Form) {
  const conditions = form.conditions ?? [
    ['eq', '$key', '18ab'],
    ...(form.more ?? []).map(([name, value]) => ({ [name]: value })),
  ]
  const signing = form.unsigned
    ? []
    : signForm({ date: new Date(now), conditions: [['eq', '$bucket', 'bucket'], ...conditions] })
  const fields: Fields = [
    ['bucket', 'bucket'],
    ['key', '18ab'],
    ...(form.more ?? []),
    ...signing,
    ...(form.list ?? []).map((part) => ['x-minio-fanout-list', part] as const),
  ]
  return s3.ask('POST', '/bucket', {
    headers: { 'content-type': contentType, ...form.headers },
    body: formBody(fields, form.file ?? { filename: 'fanout-content', bytes }),
    ...(form.isUnsized && { isUnsized: true }),
  })
}

const keysOf = async (s3: S3InMemory): Promise<string[]> => {
  const keys: string[] = []
  for await (const entry of s3.engine.bucket('bucket').list())
    if (entry.type === 'object') keys.push(entry.info.key)
  return keys
}

test('a form with a list becomes the objects that the list names, and answers a line for each', async () => {
  await using s3 = await opened()
  for (const isUnsized of [false, true]) {
    const list = [
      '{"key":"a","contentType":"text/a","metadata":{"x-amz-meta-who":"me"},"tags":{"t":"1"}}\n{"key":"b"}',
      '{"key":"c","tags":{"":"no name"}}{"key":""}',
    ]
    const answer = await post(s3, { list, isUnsized, more: [['content-type', 'text/all']] })
    assert.deepEqual(
      [answer.status, answer.headers['content-type']],
      [200, 'application/x-ndjson'],
      answer.text,
    )
    const lines = answer.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(
      lines.map(({ key }) => key),
      ['a', 'b', 'c', ''],
    )
    assert.deepEqual(Object.keys(lines[0]), ['key', 'etag', 'lastModified'])
    assert.match(lines[2].error, /^InvalidTag: /)
    assert.ok(lines[3].error)
    assert.deepEqual(await keysOf(s3), ['a', 'b'])
    const [a, b] = [await s3.engine.bucket('bucket').head('a'), await s3.engine.bucket('bucket').head('b')]
    assert.deepEqual(
      [a.contentType, a.metadata, a.tagCount, a.etag],
      ['text/a', { who: 'me' }, 1, lines[0].etag],
    )
    assert.deepEqual([b.contentType, b.ownerId], ['text/all', 'user-id'])
    assert.equal((await s3.ask('GET', '/bucket/a')).status, 403) // Nobody signed.
    await using stored = await s3.engine.bucket('bucket').get('a')
    assert.equal(Buffer.from(await stored.bytes()).toString(), bytes)
  }
})

test('an empty list is no list: the form is one object', async () => {
  await using s3 = await opened()
  const answer = await post(s3, { list: [''] })
  assert.equal(answer.status, 204, answer.text)
  assert.deepEqual(await keysOf(s3), ['18ab'])
})

test('a list is taken only from a form that somebody signed for one key', async () => {
  await using s3 = await opened()
  const list = ['{"key":"a"}']
  for (const form of [
    { list, unsigned: true },
    { list, conditions: [['starts-with', '$key', '']] },
    { list, conditions: [['starts-with', '$key', '18ab']] },
  ]) {
    const { status, code } = await post(s3, form)
    assert.deepEqual([status, code], [403, 'AccessDenied'])
  }
  assert.deepEqual(await keysOf(s3), [])
})

test('of a list that is not taken, nothing is held: the form is refused when it begins', async () => {
  await using s3 = await opened()
  const pinned = {
    conditions: [
      ['eq', '$bucket', 'bucket'],
      ['eq', '$key', '18ab'],
    ],
    date: new Date(now),
  }
  const forms = {
    'by nobody': [],
    'for keys of any name': signForm({
      ...pinned,
      conditions: [
        ['eq', '$bucket', 'bucket'],
        ['starts-with', '$key', ''],
      ],
    }),
    'that is over': signForm({ ...pinned, date: new Date(now - 7_200_000), expiresSeconds: 3_600 }),
    'for another key': signForm({
      ...pinned,
      conditions: [
        ['eq', '$bucket', 'bucket'],
        ['eq', '$key', 'other'],
      ],
    }),
    'good for it': signForm(pinned),
  }
  for (const [what, signing] of Object.entries(forms)) {
    const fields: Fields = [
      ['bucket', 'bucket'],
      ['key', '18ab'],
      ...signing,
      ['x-minio-fanout-list', '{"key":"a"}'],
    ]
    const head = formBody(fields).subarray(0, -closing.byteLength - 2)
    let sent = 0
    const answer = await s3.carry({
      method: 'POST',
      rawUrl: '/bucket',
      rawHeaders: [
        ['host', 's3.test:9000'],
        ['content-type', contentType],
      ],
      body: (async function* () {
        yield head
        for (; sent < 1_000; sent++) yield Buffer.alloc(64 * 1024, ' ')
      })(),
      secure: false,
      signal: new AbortController().signal,
    })
    const isGood = what === 'good for it'
    assert.equal(answer.code, isGood ? 'MalformedPOSTRequest' : 'AccessDenied', what)
    assert.ok(isGood ? sent > 100 : sent <= 2, `${what}: ${sent}`)
  }
})

test("root's forms carry a list only where the server was told so", async () => {
  const owner = { id: 'user-id', displayName: 'user' }
  await using closed = await opened({ owner })
  const refused = await post(closed, { list: ['{"key":"a"}'] })
  assert.deepEqual([refused.status, refused.code], [403, 'AccessDenied'])
  await using open = await opened({ owner, fanOutByOwner: true })
  assert.equal((await post(open, { list: ['{"key":"a"}'] })).status, 200)
})

test('every entry needs its rights, and one without them refuses all', async () => {
  const asked: string[] = []
  let refused = ''
  const authorize = ({ action, key }: AccessRequest) => {
    asked.push(`${action} ${key}`)
    return `${action} ${key}` !== refused
  }
  await using s3 = await opened({ authorize })
  const until = '"retention":"GOVERNANCE","retainUntil":"2030-01-01T00:00:00Z"'
  const list = [`{"key":"a"}{"key":"b","tags":{"t":"1"}}{"key":"c",${until}}`]
  const needed = [
    's3:PutObjectFanOut 18ab',
    's3:PutObjectFanOut a',
    's3:PutObjectFanOut b',
    's3:PutObjectTagging b',
    's3:PutObjectFanOut c',
    's3:PutObjectRetention c',
  ]
  assert.equal((await post(s3, { list })).status, 200)
  assert.deepEqual(asked, needed)
  for (const key of await keysOf(s3)) await s3.engine.bucket('bucket').delete(key)
  for (const right of needed) {
    refused = right
    const { status, code } = await post(s3, { list })
    assert.deepEqual([status, code], [403, 'AccessDenied'], right)
    assert.deepEqual(await keysOf(s3), [])
  }
})

test('conditions of policies see what each entry says, not what the form says', async () => {
  const seen: unknown[] = []
  const authorize = ({ action, key, context }: AccessRequest) => {
    if (action === 's3:PutObjectTagging')
      seen.push([key, context.get('s3:requestobjecttag/class'), context.get('s3:requestobjecttagkeys')])
    if (action === 's3:PutObjectRetention')
      seen.push([
        key,
        context.get('s3:object-lock-mode'),
        context.get('s3:object-lock-remaining-retention-days'),
      ])
    return true
  }
  await using s3 = await opened({ authorize })
  const tagging = '<Tagging><TagSet><Tag><Key>class</Key><Value>public</Value></Tag></TagSet></Tagging>'
  const until = '"retention":"COMPLIANCE","retainUntil":"2026-12-03T13:00:00+01:00"'
  const list = [`{"key":"a"}{"key":"b","tags":{"class":"secret","x":""}}{"key":"c","tags":{},${until}}`]
  assert.equal((await post(s3, { list, more: [['tagging', tagging]] })).status, 200)
  assert.deepEqual(seen, [
    ['a', ['public'], ['class']],
    ['b', ['secret'], ['class', 'x']],
    ['c', ['COMPLIANCE'], ['10']],
  ])
})

test('texts beyond ASCII come back as those of a PUT do, and what no header can carry refuses its entry alone', async () => {
  await using s3 = await opened({ authorize: () => true })
  const entries = [
    { key: 'a', contentDisposition: 'attachment; filename="日本.txt"', metadata: { who: 'ü' } },
    { key: 'b', contentType: 'text/plain\r\nset-cookie: a=b' },
    { key: 'c', metadata: { 'x-amz-server-side-encryption': 'AES256' } },
    { key: 'd' },
  ]
  const answer = await post(s3, { list: entries.map((entry) => JSON.stringify(entry)) })
  const errors = answer.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).error?.split(':')[0])
  assert.deepEqual(errors, [undefined, 'InvalidArgument', 'NotImplemented', undefined])
  assert.deepEqual(await keysOf(s3), ['a', 'd'])
  const got = await s3.ask('GET', '/bucket/a')
  assert.equal(got.status, 200)
  assert.equal(
    Buffer.from(got.headers['content-disposition']!, 'latin1').toString(),
    'attachment; filename="日本.txt"',
  )
  const { metadata } = await s3.engine.bucket('bucket').head('a')
  assert.deepEqual(metadata, { who: 'ü' })
})

test('where no entry can be read the file is not stored, and each is told why', async () => {
  await using s3 = await opened()
  const answer = await post(s3, { list: ['{"key":"a","cacheControl":"\\n"}'] })
  assert.deepEqual([answer.status, JSON.parse(answer.text).error.split(':')[0]], [200, 'InvalidArgument'])
  assert.deepEqual(await keysOf(s3), [])
})

test('what cannot be read of the form refuses all', async () => {
  await using s3 = await opened()
  const { status, code } = await post(s3, { list: ['{"key":"a"}'], more: [['x-amz-storage-class', 'COLD']] })
  assert.deepEqual([status, code], [400, 'InvalidStorageClass'])
})

test('a list that cannot be taken, a file that is not what it was said to be, and too many entries refuse all', async () => {
  await using s3 = await opened({ fanOutEntriesMax: 2 })
  const code = async (form: Form) => (await post(s3, form)).code
  assert.equal(await code({ list: ['[{"key":"a"}]'] }), 'MalformedPOSTRequest')
  assert.equal(await code({ list: ['{"key":"a"}'.repeat(3)] }), 'MalformedPOSTRequest')
  const md5 = Buffer.alloc(16).toString('base64')
  assert.equal(await code({ list: ['{"key":"a"}'], more: [['content-md5', md5]] }), 'BadDigest')
  const range = [
    ['eq', '$key', '18ab'],
    ['content-length-range', 0, 3],
  ]
  assert.equal(await code({ list: ['{"key":"a"}'], conditions: range }), 'EntityTooLarge')
  assert.equal(
    await code({ list: ['{"key":"a"}'], headers: { 'x-minio-fanout-list': '' } }),
    'InvalidRequest',
  )
  assert.deepEqual(await keysOf(s3), [])
})

test('the header of the list alone is no form', async () => {
  await using s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  const answer = await s3.ask('POST', '/bucket', { headers: { 'x-minio-fanout-list': 'x' }, body: 'x' })
  assert.equal(answer.status, 412)
})
