import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import type { S3HandlerOptions } from '@aquifer/http-adapter'
import { type Answered, type Asked, owner, S3InMemory, texts } from './s3-in-memory.js'

const DAY = 86_400_000
const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString()

async function withLock(options: Partial<S3HandlerOptions> = {}): Promise<S3InMemory> {
  const s3 = await S3InMemory.open(options)
  await s3.ask('PUT', '/bucket', { headers: { 'x-amz-bucket-object-lock-enabled': 'true' } })
  await s3.ask('PUT', '/plain')
  await s3.ask('PUT', '/bucket/k', { body: 'bytes' })
  return s3
}

/** With the digest that such bodies must have. */
const digested = (body: string, headers: Record<string, string> = {}): Asked => ({
  body,
  headers: { 'content-md5': createHash('md5').update(body).digest('base64'), ...headers },
})

const retention = (mode: string, until: string): string =>
  `<Retention><Mode>${mode}</Mode><RetainUntilDate>${until}</RetainUntilDate></Retention>`
const hold = (status: string): string => `<LegalHold><Status>${status}</Status></LegalHold>`
const configuration = (rule = ''): string =>
  `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>${rule}</ObjectLockConfiguration>`
const byDefault = (mode: string, period: string): string =>
  configuration(`<Rule><DefaultRetention><Mode>${mode}</Mode>${period}</DefaultRetention></Rule>`)

const outcome = ({ status, code }: Answered): [number, string | undefined] => [status, code]
const bypass = { 'x-amz-bypass-governance-retention': 'true' }

test('a bucket made with object lock has it, and versioning, and keeps both', async () => {
  await using s3 = await withLock()
  const lock = await s3.ask('GET', '/bucket?object-lock')
  assert.match(
    lock.text,
    /<ObjectLockConfiguration xmlns="[^"]+"><ObjectLockEnabled>Enabled<\/ObjectLockEnabled><\/ObjectLockConfiguration>$/,
  )
  assert.equal(await s3.engine.bucket('bucket').getConfiguration('versioning'), 'enabled')
  await assert.rejects(s3.engine.bucket('bucket').setConfiguration('versioning', 'suspended'), {
    code: 'InvalidBucketState',
  })
  await assert.rejects(s3.engine.bucket('bucket').setConfiguration('objectLock', undefined), {
    code: 'InvalidBucketState',
  })
})

test('a bucket made without says so, and a word that is neither is refused', async () => {
  await using s3 = await withLock()
  assert.deepEqual(outcome(await s3.ask('GET', '/plain?object-lock')), [
    404,
    'ObjectLockConfigurationNotFoundError',
  ])
  const make = (value: string) =>
    s3.ask('PUT', '/other', { headers: { 'x-amz-bucket-object-lock-enabled': value } })
  assert.deepEqual(outcome(await make('maybe')), [400, 'InvalidRequest'])
  assert.equal((await make('False')).status, 200)
  assert.equal((await s3.ask('GET', '/other?object-lock')).status, 404)
})

test('object lock can be enabled for a bucket that has versioning enabled', async () => {
  await using s3 = await withLock()
  const enable = () => s3.ask('PUT', '/plain?object-lock', digested(configuration()))
  assert.deepEqual(outcome(await enable()), [409, 'InvalidBucketState'])
  await s3.engine.bucket('plain').setConfiguration('versioning', 'suspended')
  assert.deepEqual(outcome(await enable()), [409, 'InvalidBucketState'])
  await s3.engine.bucket('plain').setConfiguration('versioning', 'enabled')
  assert.equal((await enable()).status, 200)
  assert.equal((await s3.ask('GET', '/plain?object-lock')).status, 200)
})

test('a default retention is told as it was set, applies to later writes, and goes', async () => {
  await using s3 = await withLock()
  const put = (period: string) =>
    s3.ask('PUT', '/bucket?object-lock', digested(byDefault('GOVERNANCE', period)))
  assert.equal((await put('<Days>2</Days>')).status, 200)
  assert.match(
    (await s3.ask('GET', '/bucket?object-lock')).text,
    /<Rule><DefaultRetention><Mode>GOVERNANCE<\/Mode><Days>2<\/Days><\/DefaultRetention><\/Rule>/,
  )
  assert.equal((await s3.ask('HEAD', '/bucket/k')).headers['x-amz-object-lock-mode'], undefined)
  await s3.ask('PUT', '/bucket/later', { body: 'x' })
  const info = await s3.engine.bucket('bucket').head('later')
  assert.equal(info.retention?.mode, 'governance')
  assert.equal(info.retention?.retainUntil.getTime(), info.lastModified.getTime() + 2 * DAY)
  assert.equal((await put('<Years>1</Years>')).status, 200)
  assert.match((await s3.ask('GET', '/bucket?object-lock')).text, /<Years>1<\/Years>/)
  assert.equal((await s3.ask('PUT', '/bucket?object-lock', digested(configuration()))).status, 200)
  assert.doesNotMatch((await s3.ask('GET', '/bucket?object-lock')).text, /<Rule>/)
  await s3.ask('PUT', '/bucket/last', { body: 'x' })
  assert.equal((await s3.engine.bucket('bucket').head('last')).retention, undefined)
})

const refusedConfigurations: [what: string, body: string, code: string][] = [
  ['no days', byDefault('GOVERNANCE', '<Days>0</Days>'), 'InvalidRetentionPeriod'],
  ['too many days', byDefault('GOVERNANCE', '<Days>36501</Days>'), 'InvalidRetentionPeriod'],
  ['days below zero', byDefault('COMPLIANCE', '<Days>-1</Days>'), 'InvalidRetentionPeriod'],
  ['too many years', byDefault('COMPLIANCE', '<Years>101</Years>'), 'InvalidRetentionPeriod'],
  ['days and years', byDefault('GOVERNANCE', '<Days>1</Days><Years>1</Years>'), 'MalformedXML'],
  ['neither days nor years', byDefault('GOVERNANCE', ''), 'MalformedXML'],
  ['days that are no number', byDefault('GOVERNANCE', '<Days>x</Days>'), 'MalformedXML'],
  ['an unknown mode', byDefault('governance', '<Days>1</Days>'), 'MalformedXML'],
  ['a rule of nothing', configuration('<Rule></Rule>'), 'MalformedXML'],
  ['not enabled', '<ObjectLockConfiguration></ObjectLockConfiguration>', 'MalformedXML'],
  [
    'disabled',
    '<ObjectLockConfiguration><ObjectLockEnabled>Disabled</ObjectLockEnabled></ObjectLockConfiguration>',
    'MalformedXML',
  ],
]

test('a configuration that is none is refused, and the one there is stays', async () => {
  await using s3 = await withLock()
  for (const [what, body, code] of refusedConfigurations)
    assert.deepEqual(outcome(await s3.ask('PUT', '/bucket?object-lock', digested(body))), [400, code], what)
  assert.match((await s3.ask('GET', '/bucket?object-lock')).text, /Enabled<\/ObjectLockEnabled><\/Obj/)
})

test('a lock asked for with a write is told by GET and HEAD and by itself', async () => {
  await using s3 = await withLock()
  const until = inDays(3)
  const headers = {
    'x-amz-object-lock-mode': 'COMPLIANCE',
    'x-amz-object-lock-retain-until-date': until,
    'x-amz-object-lock-legal-hold': 'ON',
  }
  assert.equal((await s3.ask('PUT', '/bucket/put', digested('x', headers))).status, 200)
  const copy = { ...headers, 'x-amz-copy-source': '/bucket/k' }
  assert.equal((await s3.ask('PUT', '/bucket/copied', { headers: copy })).status, 200)
  const begun = await s3.ask('POST', '/bucket/parts?uploads', { headers })
  const [id] = texts(begun.text, 'UploadId')
  const part = await s3.ask('PUT', `/bucket/parts?partNumber=1&uploadId=${id}`, { body: 'x' })
  const list = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers['etag']}</ETag></Part></CompleteMultipartUpload>`
  assert.equal((await s3.ask('POST', `/bucket/parts?uploadId=${id}`, { body: list })).status, 200)
  for (const key of ['put', 'copied', 'parts']) {
    for (const method of ['GET', 'HEAD']) {
      const got = await s3.ask(method, `/bucket/${key}`)
      for (const [name, value] of Object.entries(headers))
        assert.equal(got.headers[name], value, `${key} ${name}`)
    }
    const told = await s3.ask('GET', `/bucket/${key}?retention`)
    assert.deepEqual(texts(told.text, 'Mode'), ['COMPLIANCE'])
    assert.deepEqual(texts(told.text, 'RetainUntilDate'), [until])
    assert.deepEqual(texts((await s3.ask('GET', `/bucket/${key}?legal-hold`)).text, 'Status'), ['ON'])
  }
})

test('a copy has no lock of its source', async () => {
  await using s3 = await withLock()
  await s3.engine.bucket('bucket').setRetention('k', { mode: 'governance', retainUntil: new Date(inDays(1)) })
  await s3.engine.bucket('bucket').setLegalHold('k', true)
  await s3.ask('PUT', '/bucket/copy', { headers: { 'x-amz-copy-source': '/bucket/k' } })
  const { retention, legalHold } = await s3.engine.bucket('bucket').head('copy')
  assert.deepEqual([retention, legalHold], [undefined, undefined])
  await s3.ask('PUT', '/plain/copy', { headers: { 'x-amz-copy-source': '/bucket/k' } })
  assert.equal((await s3.ask('HEAD', '/plain/copy')).status, 200)
})

const mode = 'x-amz-object-lock-mode'
const date = 'x-amz-object-lock-retain-until-date'
const refusedHeaders: [what: string, headers: Record<string, string>, code: string][] = [
  ['a mode without a date', { [mode]: 'GOVERNANCE' }, 'InvalidArgument'],
  ['a date without a mode', { [date]: inDays(1) }, 'InvalidArgument'],
  ['an unknown mode', { [mode]: 'x', [date]: inDays(1) }, 'InvalidArgument'],
  ['a date that is none', { [mode]: 'GOVERNANCE', [date]: 'tomorrow' }, 'InvalidArgument'],
  [
    'a date of another form',
    { [mode]: 'GOVERNANCE', [date]: new Date(inDays(1)).toUTCString() },
    'InvalidArgument',
  ],
  ['a date in the past', { [mode]: 'GOVERNANCE', [date]: inDays(-1) }, 'InvalidArgument'],
  ['a hold that is none', { 'x-amz-object-lock-legal-hold': 'YES' }, 'InvalidArgument'],
]

test('lock headers that are none are refused wherever an object is written, and so are all where there is no lock', async () => {
  await using s3 = await withLock()
  const write = async (bucket: string, headers: Record<string, string>) => [
    await s3.ask('PUT', `/${bucket}/new`, digested('x', headers)),
    await s3.ask('PUT', `/${bucket}/new`, { headers: { ...headers, 'x-amz-copy-source': '/bucket/k' } }),
    await s3.ask('POST', `/${bucket}/new?uploads`, { headers }),
  ]
  for (const [what, headers, code] of refusedHeaders)
    for (const answer of await write('bucket', headers)) assert.deepEqual(outcome(answer), [400, code], what)
  const some: Record<string, string>[] = [
    { [mode]: 'GOVERNANCE', [date]: inDays(1) },
    { 'x-amz-object-lock-legal-hold': 'OFF' },
  ]
  for (const headers of some)
    for (const answer of await write('plain', headers)) {
      assert.deepEqual(outcome(answer), [400, 'InvalidRequest'])
      assert.match(answer.text, /Bucket is missing Object Lock Configuration/)
    }
  for (const bucket of ['bucket', 'plain']) assert.equal((await s3.ask('HEAD', `/${bucket}/new`)).status, 404)
})

test('what is about locks comes with a digest, or is refused', async () => {
  await using s3 = await withLock()
  const until = inDays(1)
  const asked: [path: string, body: string, headers: Record<string, string>][] = [
    ['/bucket?object-lock', configuration(), {}],
    ['/bucket/k?retention', retention('GOVERNANCE', until), {}],
    ['/bucket/k?legal-hold', hold('OFF'), {}],
    ['/bucket/new', 'x', { [mode]: 'GOVERNANCE', [date]: until }],
  ]
  for (const [path, body, headers] of asked) {
    assert.deepEqual(outcome(await s3.ask('PUT', path, { body, headers })), [400, 'InvalidRequest'], path)
    const sha256 = createHash('sha256').update(body).digest('base64')
    const put = await s3.ask('PUT', path, { body, headers: { ...headers, 'x-amz-checksum-sha256': sha256 } })
    assert.equal(put.status, 200, `${path} ${put.text}`)
  }
})

test('a retention can be made longer, and of governance bypassed; compliance is kept by everyone', async () => {
  await using s3 = await withLock()
  const put = async (body: string, headers = {}) =>
    outcome(await s3.ask('PUT', '/bucket/k?retention', digested(body, headers)))
  const done = [200, undefined]
  const denied = [403, 'AccessDenied']
  const [one, two, three] = [inDays(1), inDays(2), inDays(3)]
  assert.deepEqual(await put(retention('GOVERNANCE', two)), done)
  assert.deepEqual(await put(retention('GOVERNANCE', two)), done)
  assert.deepEqual(await put(retention('GOVERNANCE', three)), done)
  assert.deepEqual(await put(retention('GOVERNANCE', one)), denied)
  assert.deepEqual(await put('<Retention/>'), denied)
  assert.deepEqual(await put(retention('COMPLIANCE', three)), denied)
  assert.deepEqual(
    await put(retention('GOVERNANCE', one), { ...bypass, 'x-amz-bypass-governance-retention': 'yes' }),
    denied,
  )
  assert.deepEqual(await put(retention('GOVERNANCE', one), bypass), done)
  assert.deepEqual(await put('<Retention/>', bypass), done)
  assert.deepEqual(outcome(await s3.ask('GET', '/bucket/k?retention')), [
    404,
    'NoSuchObjectLockConfiguration',
  ])
  assert.deepEqual(await put(retention('COMPLIANCE', two)), done)
  assert.deepEqual(await put(retention('COMPLIANCE', three)), done)
  for (const body of [retention('COMPLIANCE', two), retention('GOVERNANCE', three), '<Retention/>']) {
    assert.deepEqual(await put(body), denied)
    assert.deepEqual(await put(body, bypass), denied)
  }
  assert.deepEqual(texts((await s3.ask('GET', '/bucket/k?retention')).text, 'RetainUntilDate'), [three])
})

test('a legal hold goes on and off, whatever the retention', async () => {
  await using s3 = await withLock()
  assert.deepEqual(outcome(await s3.ask('GET', '/bucket/k?legal-hold')), [
    404,
    'NoSuchObjectLockConfiguration',
  ])
  for (const body of [hold('ON'), hold('OFF'), hold('ON').replaceAll('LegalHold', 'ObjectLockLegalHold')]) {
    assert.equal((await s3.ask('PUT', '/bucket/k?legal-hold', digested(body))).status, 200)
    const [status] = texts(body, 'Status')
    assert.deepEqual(texts((await s3.ask('GET', '/bucket/k?legal-hold')).text, 'Status'), [status])
  }
  for (const body of [hold('on'), hold(''), '<LegalHold/>', '<Nothing/>'])
    assert.deepEqual(outcome(await s3.ask('PUT', '/bucket/k?legal-hold', digested(body))), [
      400,
      'MalformedXML',
    ])
})

test('a retention document that is none is refused', async () => {
  await using s3 = await withLock()
  const until = inDays(1)
  const refused: [body: string, code: string][] = [
    [`<Retention><Mode>GOVERNANCE</Mode></Retention>`, 'MalformedXML'],
    [`<Retention><RetainUntilDate>${until}</RetainUntilDate></Retention>`, 'MalformedXML'],
    [retention('x', until), 'MalformedXML'],
    [retention('GOVERNANCE', 'tomorrow'), 'MalformedXML'],
    [retention('GOVERNANCE', inDays(-1)), 'InvalidArgument'],
    ['<Nothing/>', 'MalformedXML'],
  ]
  for (const [body, code] of refused)
    assert.deepEqual(outcome(await s3.ask('PUT', '/bucket/k?retention', digested(body))), [400, code], body)
})

test('where a bucket has no lock its objects have none to read or write', async () => {
  await using s3 = await withLock()
  await s3.ask('PUT', '/plain/k', { body: 'x' })
  for (const [what, body] of [
    ['retention', retention('GOVERNANCE', inDays(1))],
    ['legal-hold', hold('ON')],
  ] as const) {
    for (const answer of [
      await s3.ask('GET', `/plain/k?${what}`),
      await s3.ask('PUT', `/plain/k?${what}`, digested(body)),
    ]) {
      assert.deepEqual(outcome(answer), [400, 'InvalidRequest'])
      assert.match(answer.text, /Bucket is missing Object Lock Configuration/)
    }
    assert.equal((await s3.ask('GET', `/bucket/missing?${what}`)).code, 'NoSuchKey')
    assert.equal((await s3.ask('PUT', `/bucket/missing?${what}`, digested(body))).code, 'NoSuchKey')
  }
})

test('locks need their own rights, and are told to those alone who have the right to know', async () => {
  const denied = new Set<string>()
  await using s3 = await withLock({
    authenticate: () => owner,
    authorize: ({ action }) => !denied.has(action),
  })
  const headers = { [mode]: 'GOVERNANCE', [date]: inDays(2), 'x-amz-object-lock-legal-hold': 'ON' }
  const write = async (key: string) => (await s3.ask('PUT', `/bucket/${key}`, digested('x', headers))).code
  for (const action of ['s3:PutObjectRetention', 's3:PutObjectLegalHold']) {
    denied.add(action)
    assert.equal(await write('denied'), 'AccessDenied', action)
    denied.clear()
  }
  assert.equal(await write('k'), undefined)
  denied.add('s3:GetObjectRetention').add('s3:GetObjectLegalHold')
  const got = await s3.ask('HEAD', '/bucket/k')
  assert.equal(got.status, 200)
  for (const name of Object.keys(headers)) assert.equal(got.headers[name], undefined, name)
  denied.add('s3:BypassGovernanceRetention')
  const shorten = () =>
    s3.ask('PUT', '/bucket/k?retention', digested(retention('GOVERNANCE', inDays(1)), bypass))
  assert.equal((await shorten()).code, 'AccessDenied')
  denied.clear()
  assert.equal((await shorten()).status, 200)
})

/** A version under this lock, with a newer one on top. */
async function lockedVersion(s3: S3InMemory, lock: Record<string, string>): Promise<string> {
  const put = await s3.ask('PUT', '/bucket/versions', digested('old', lock))
  await s3.ask('PUT', '/bucket/versions', { body: 'new' })
  return put.headers['x-amz-version-id']!
}

const locks: [what: string, lock: Record<string, string>, plain: number, bypassed: number][] = [
  ['no lock', {}, 204, 204],
  ['a hold that is off', { 'x-amz-object-lock-legal-hold': 'OFF' }, 204, 204],
  ['a hold', { 'x-amz-object-lock-legal-hold': 'ON' }, 403, 403],
  ['governance', { [mode]: 'GOVERNANCE', [date]: inDays(1) }, 403, 204],
  ['compliance', { [mode]: 'COMPLIANCE', [date]: inDays(1) }, 403, 403],
  [
    'governance and a hold',
    { [mode]: 'GOVERNANCE', [date]: inDays(1), 'x-amz-object-lock-legal-hold': 'ON' },
    403,
    403,
  ],
]

for (const [what, lock, plain, bypassed] of locks)
  test(`removing a version with ${what}: ${plain}, bypassing ${bypassed}, alone and among many`, async () => {
    await using s3 = await withLock()
    for (const [headers, status] of [
      [{}, plain],
      [bypass, bypassed],
    ] as const) {
      const code = status === 204 ? undefined : 'AccessDenied'
      const id = await lockedVersion(s3, lock)
      const removed = await s3.ask('DELETE', `/bucket/versions?versionId=${id}`, { headers })
      assert.deepEqual(outcome(removed), [status, code])
      if (code) assert.match(removed.text, /object protected by object lock/)
      assert.equal(
        (await s3.ask('GET', `/bucket/versions?versionId=${id}`)).status,
        status === 204 ? 404 : 200,
      )
      const other = await lockedVersion(s3, lock)
      const body = `<Delete><Object><Key>versions</Key><VersionId>${other}</VersionId></Object><Object><Key>k</Key></Object></Delete>`
      const many = await s3.ask('POST', '/bucket?delete', digested(body, headers))
      assert.equal(/<Error>.*?<Code>(.*?)</s.exec(many.text)?.[1], code)
      assert.equal(
        (await s3.ask('GET', `/bucket/versions?versionId=${other}`)).status,
        status === 204 ? 404 : 200,
      )
      assert.match(many.text, /<Deleted><Key>k<\/Key><DeleteMarker>true/)
    }
  })

test('a locked version is covered by a delete marker and by a newer version, and stays', async () => {
  await using s3 = await withLock()
  const id = await lockedVersion(s3, { [mode]: 'COMPLIANCE', [date]: inDays(1) })
  const marker = await s3.ask('DELETE', '/bucket/versions')
  assert.deepEqual([marker.status, marker.headers['x-amz-delete-marker']], [204, 'true'])
  assert.equal((await s3.ask('GET', `/bucket/versions?versionId=${id}`)).text, 'old')
  const ofMarker = `/bucket/versions?versionId=${marker.headers['x-amz-version-id']}`
  for (const what of ['retention', 'legal-hold'])
    assert.deepEqual(outcome(await s3.ask('GET', `${ofMarker}&${what}`)), [405, 'MethodNotAllowed'])
  assert.equal((await s3.ask('DELETE', ofMarker)).status, 204)
  assert.equal((await s3.ask('GET', '/bucket/versions')).text, 'new')
  assert.deepEqual(outcome(await s3.ask('DELETE', '/bucket')), [409, 'BucketNotEmpty'])
})

test('retention and hold are of the version that is named, and the answer names it', async () => {
  await using s3 = await withLock()
  const id = await lockedVersion(s3, {})
  const path = `/bucket/versions?versionId=${id}`
  for (const [what, body] of [
    ['retention', retention('GOVERNANCE', inDays(1))],
    ['legal-hold', hold('ON')],
  ] as const) {
    const put = await s3.ask('PUT', `${path}&${what}`, digested(body))
    assert.deepEqual([put.status, put.headers['x-amz-version-id']], [200, id])
    assert.equal((await s3.ask('GET', `${path}&${what}`)).status, 200)
    assert.equal((await s3.ask('GET', `/bucket/versions?${what}`)).code, 'NoSuchObjectLockConfiguration')
    assert.equal((await s3.ask('GET', `/bucket/versions?versionId=x&${what}`)).code, 'InvalidArgument')
  }
  assert.equal((await s3.ask('HEAD', path)).headers[mode], 'GOVERNANCE')
  assert.equal((await s3.ask('HEAD', '/bucket/versions')).headers[mode], undefined)
})

test('S3 Express mode has no object lock', async () => {
  await using s3 = await S3InMemory.open({ profile: 'express' })
  const make = { 'x-amz-bucket-object-lock-enabled': 'true' }
  assert.equal((await s3.ask('PUT', '/locked', { headers: make })).status, 501)
  await s3.ask('PUT', '/bucket')
  const put = await s3.ask('PUT', '/bucket/k', digested('x', { 'x-amz-object-lock-legal-hold': 'ON' }))
  assert.equal(put.status, 400)
})
