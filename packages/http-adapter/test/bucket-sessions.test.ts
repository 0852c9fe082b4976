// S3 Express mode: sessions of one bucket, and what is signed with them.
import assert from 'node:assert/strict'
import test from 'node:test'
import { EXAMPLE } from './auth/requests.js'
import { arn, type Said, type Statement, StoreWithUsers } from './authorization/store-with-users.js'
import type { Signer, ToSign } from './signing-client.js'

const BUCKET = 'logs--az1--x-s3'
const OTHER = 'other--az1--x-s3'
const element = (said: Said, name: string): string => {
  const [, value] = new RegExp(`<${name}>(.*?)</${name}>`).exec(said.text) ?? []
  assert.ok(value !== undefined, said.text)
  return value
}

interface Session {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly token: string
}

const everything: Statement = { Effect: 'Allow', Action: ['s3:*', 's3express:*'], Resource: arn('*') }
const alice: Signer = { ...EXAMPLE, service: 's3express' }
const root: Signer = { accessKeyId: 'ROOT', secretAccessKey: 'root-secret', service: 's3express' }

async function express(options: Parameters<typeof StoreWithUsers.open>[0] = {}): Promise<StoreWithUsers> {
  const store = await StoreWithUsers.open({ profile: 'express', ...options })
  await store.allow(everything)
  for (const bucket of [BUCKET, OTHER]) await store.engine.createBucket(bucket)
  await store.engine.bucket(BUCKET).put('a', Buffer.from('body'))
  return store
}

async function begin(
  store: StoreWithUsers,
  { mode, ...what }: Partial<ToSign> & { readonly signer?: Signer; readonly mode?: string } = {},
  bucket = BUCKET,
): Promise<Session> {
  const said = await store.ask('GET', `/${bucket}?session`, {
    signer: alice,
    ...(mode === undefined ? {} : { headers: { 'x-amz-create-session-mode': mode } }),
    ...what,
  })
  assert.equal(said.status, 200, said.text)
  return {
    accessKeyId: element(said, 'AccessKeyId'),
    secretAccessKey: element(said, 'SecretAccessKey'),
    token: element(said, 'SessionToken'),
  }
}

/** As a session does: its token in a header of its own, or in the query of a presigned URL. */
function askIn(
  store: StoreWithUsers,
  { token, ...key }: Session,
  method: string,
  path: string,
  { headers, service = 's3express', ...what }: Partial<ToSign> & { readonly service?: string } = {},
): Promise<Said> {
  const inQuery = what.form === 'query'
  const query = `X-Amz-S3session-Token=${encodeURIComponent(token)}`
  return store.ask(method, inQuery ? `${path}${path.includes('?') ? '&' : '?'}${query}` : path, {
    signer: { ...key, service },
    payload: 'unsigned',
    headers: { ...(inQuery ? {} : { 'x-amz-s3session-token': token }), ...headers },
    ...what,
  })
}

test('a session reads and writes its bucket for five minutes, by header and by presigned URL, and nothing else', async () => {
  let clock = Date.now()
  await using store = await express({ now: () => clock })
  for (const signer of [alice, root]) {
    clock = Date.now()
    const session = await begin(store, { signer, date: new Date(clock) })
    const ask = (method: string, path: string, what: Parameters<typeof askIn>[4] = {}) =>
      askIn(store, session, method, path, { date: new Date(clock), ...what })
    for (const form of ['header', 'query'] as const)
      for (const service of ['s3express', 's3']) {
        assert.equal((await ask('GET', `/${BUCKET}/a`, { form, service })).text, 'body', `${form} ${service}`)
        const body = Buffer.from('written')
        assert.equal((await ask('PUT', `/${BUCKET}/b`, { form, service, body })).status, 200)
      }
    assert.equal((await ask('HEAD', `/${BUCKET}`)).status, 200)
    assert.equal((await ask('GET', `/${BUCKET}?list-type=2`)).status, 200)
    assert.equal((await ask('DELETE', `/${BUCKET}/b`)).status, 204)
    for (const [method, path] of [
      ['GET', `/${OTHER}/a`],
      ['PUT', `/${OTHER}/a`],
      ['GET', '/'],
      ['DELETE', `/${OTHER}`],
      ['GET', `/${BUCKET}?session`],
    ] as const)
      assert.equal((await ask(method, path)).code, 'AccessDenied', `${method} ${path}`)
    clock += 299_000
    assert.equal((await ask('GET', `/${BUCKET}/a`)).status, 200)
    clock += 2_000
    const late = await ask('GET', `/${BUCKET}/a`)
    assert.deepEqual([late.status, late.code], [400, 'ExpiredToken'])
  }
})

test('a ReadOnly session reads and lists, and writes nothing', async () => {
  await using store = await express()
  const session = await begin(store, { mode: 'ReadOnly' })
  const ask = (method: string, path: string, headers = {}) =>
    askIn(store, session, method, path, { headers, ...(method === 'PUT' && { body: Buffer.from('x') }) })
  const { uploadId } = await store.engine.bucket(BUCKET).createUpload('up')
  for (const [method, path] of [
    ['GET', `/${BUCKET}/a`],
    ['HEAD', `/${BUCKET}/a`],
    ['GET', `/${BUCKET}?list-type=2`],
    ['GET', `/${BUCKET}?uploads`],
    ['GET', `/${BUCKET}/up?uploadId=${uploadId}`],
  ] as const)
    assert.equal((await ask(method, path)).status, 200, `${method} ${path}`)
  assert.equal(
    (await ask('GET', `/${BUCKET}/a?attributes`, { 'x-amz-object-attributes': 'ETag' })).status,
    200,
  )
  for (const [method, path, headers] of [
    ['PUT', `/${BUCKET}/a`, {}],
    ['PUT', `/${BUCKET}/a`, { 'x-amz-write-offset-bytes': '4' }],
    ['PUT', `/${BUCKET}/b`, { 'x-amz-copy-source': `${BUCKET}/a` }],
    ['PUT', `/${BUCKET}/b?renameObject`, { 'x-amz-rename-source': `/${BUCKET}/a` }],
    ['PUT', `/${BUCKET}/up?partNumber=1&uploadId=${uploadId}`, {}],
    ['POST', `/${BUCKET}/b?uploads`, {}],
    ['DELETE', `/${BUCKET}/up?uploadId=${uploadId}`, {}],
    ['DELETE', `/${BUCKET}/a`, {}],
    ['DELETE', `/${BUCKET}`, {}],
    ['PUT', `/${BUCKET}?policy`, {}],
  ] as const)
    assert.equal((await ask(method, path, headers)).code, 'AccessDenied', `${method} ${path}`)
  const refused = await store.ask('GET', `/${BUCKET}?session`, {
    signer: alice,
    headers: { 'x-amz-create-session-mode': 'WriteOnly' },
  })
  assert.deepEqual([refused.status, refused.code], [400, 'InvalidArgument'])
})

test('who may begin a session, and in which mode, is said by policies', async () => {
  await using store = await express()
  const tryToBegin = async (mode: string | undefined) => {
    const headers: Record<string, string> = mode === undefined ? {} : { 'x-amz-create-session-mode': mode }
    return (await store.ask('GET', `/${BUCKET}?session`, { signer: alice, headers })).status
  }
  await store.allow({ Effect: 'Allow', Action: 's3:*', Resource: arn('*') })
  assert.equal(await tryToBegin(undefined), 403)
  await store.allow({
    Effect: 'Allow',
    Action: 's3express:CreateSession',
    Resource: arn(BUCKET),
    Condition: { StringEquals: { 's3express:SessionMode': 'ReadOnly' } },
  })
  assert.deepEqual(await Promise.all(['ReadOnly', 'ReadWrite', undefined].map(tryToBegin)), [200, 403, 403])
  assert.equal((await store.askAnonymously('GET', `/${BUCKET}?session`)).status, 403)
})

test('a bucket that is not there has no session, but for a directory bucket to whoever may create it, to do so', async () => {
  await using store = await express()
  const ask = async (bucket: string) => {
    const said = await store.ask('GET', `/${bucket}?session`, { signer: alice })
    return [said.status, said.code]
  }
  assert.deepEqual(await ask('missing'), [404, 'NoSuchBucket'])
  const { accessKeyId, secretAccessKey, token } = await begin(store, {}, 'new--az1--x-s3')
  const signer = { accessKeyId, secretAccessKey, service: 's3express' }
  const create = (bucket: string) =>
    store.ask('PUT', `/${bucket}`, { signer, headers: { 'x-amz-s3session-token': token } })
  assert.equal((await create('another--az1--x-s3')).code, 'AccessDenied')
  assert.equal((await create('new--az1--x-s3')).status, 200)
  await store.allow({
    Effect: 'Allow',
    Action: ['s3express:CreateSession', 's3:GetObject', 's3:ListBucket'],
    Resource: arn('*'),
  })
  assert.deepEqual(await ask('missing--az1--x-s3'), [404, 'NoSuchBucket'])
})

test('a session gives no right that its user has not, and ends with its key', async () => {
  await using store = await express()
  const session = await begin(store)
  await store.allow({ Effect: 'Allow', Action: 's3:GetObject', Resource: arn(`${BUCKET}/mine/*`) })
  assert.equal((await askIn(store, session, 'GET', `/${BUCKET}/a`)).code, 'AccessDenied')
  await store.allow(everything)
  assert.equal((await askIn(store, session, 'GET', `/${BUCKET}/a`)).status, 200)
  await store.engine.identities.keys.setEnabled(EXAMPLE.accessKeyId, false)
  assert.equal((await askIn(store, session, 'GET', `/${BUCKET}/a`)).code, 'InvalidAccessKeyId')
})

test('a session’s key is worth nothing without its own token', async () => {
  await using store = await express()
  const session = await begin(store)
  const other = await begin(store)
  const { token, ...signer } = session
  const ask = (headers: Record<string, string>) =>
    store.ask('GET', `/${BUCKET}/a`, { signer: { ...signer, service: 's3express' }, headers })
  assert.equal((await ask({})).code, 'InvalidAccessKeyId')
  assert.equal((await ask({ 'x-amz-s3session-token': other.token })).code, 'InvalidToken')
  const both = { 'x-amz-s3session-token': token, 'x-amz-security-token': token }
  assert.deepEqual([(await ask(both)).status, (await ask(both)).code], [400, 'InvalidRequest'])
  const unsigned = { 'x-amz-s3session-token': token }
  const sneaked = await store.ask('GET', `/${BUCKET}/a`, {
    signer: { ...signer, service: 's3express' },
    unsignedHeaders: unsigned,
  })
  assert.equal(sneaked.code, 'AccessDenied')
})

test('a temporary credential begins a session too, which ends no later', async () => {
  await using store = await express()
  const { sessionToken, ...assumed } = await store.engine.identities.assumeRole({
    user: 'alice',
    durationSeconds: 900,
  })
  const session = await begin(store, { signer: { ...assumed, sessionToken, service: 's3express' } })
  assert.equal((await askIn(store, session, 'GET', `/${BUCKET}/a`)).status, 200)
})

test('outside S3 Express mode there are no sessions of buckets, and nothing is signed for s3express', async () => {
  for (const profile of ['aistor', 'aws'] as const) {
    await using store = await StoreWithUsers.open({ profile })
    await store.allow(everything)
    await store.engine.createBucket(BUCKET)
    assert.equal((await store.ask('GET', `/${BUCKET}?session`)).status, 501)
    const signed = await store.ask('GET', `/${BUCKET}?session`, { signer: alice })
    assert.equal(signed.code, 'AuthorizationHeaderMalformed')
    const { sessionToken, ...signer } = await store.engine.identities.createSession(
      (await store.engine.identities.findAccessKey(EXAMPLE.accessKeyId))!.principal,
      { bucket: BUCKET },
    )
    const headers = { 'x-amz-s3session-token': sessionToken }
    assert.equal((await store.ask('GET', `/${BUCKET}/a`, { signer, headers })).code, 'InvalidAccessKeyId')
  }
})

test('directory buckets are listed to who signs for s3express, page by page', async () => {
  await using store = await express()
  const list = (query: string, signer = alice) => store.ask('GET', `/?${query}`, { signer })
  const names = (said: Said) => [...said.text.matchAll(/<Name>(.*?)</g)].map(([, name]) => name)
  const all = await list('')
  assert.match(all.text, /<ListAllMyDirectoryBucketsResult .*<Buckets><Bucket><Name>/s)
  assert.deepEqual(names(all), [BUCKET, OTHER])
  const first = await list('max-directory-buckets=1')
  const rest = await list(`continuation-token=${encodeURIComponent(element(first, 'ContinuationToken'))}`)
  assert.deepEqual([names(first), names(rest)], [[BUCKET], [OTHER]])
  assert.deepEqual(names(await list('max-directory-buckets=0')), [])
  assert.equal((await list('max-directory-buckets=x')).code, 'InvalidArgument')
  assert.match((await store.ask('GET', '/', {})).text, /<ListAllMyBucketsResult /)
  await store.allow({ Effect: 'Allow', Action: 's3:*', Resource: arn('*') })
  assert.equal((await list('')).code, 'AccessDenied')
})

test('ETags are opaque: the same bytes twice are two objects to If-Match, and no ETag passes for an MD5', async () => {
  await using store = await express()
  const put = async (headers = {}) => {
    const said = await store.ask('PUT', `/${BUCKET}/same`, {
      signer: alice,
      body: Buffer.from('same'),
      headers,
    })
    return said.code ?? said.headers['etag']!
  }
  const first = await put()
  const second = await put()
  assert.notEqual(first, second)
  for (const etag of [first, second]) assert.doesNotMatch(etag, /^"[0-9a-f]{32}"$/)
  assert.equal(await put({ 'if-match': first }), 'PreconditionFailed')
  assert.match(await put({ 'if-match': second }), /^"/)
  const head = await store.ask('HEAD', `/${BUCKET}/same`, { signer: alice })
  const list = await store.ask('GET', `/${BUCKET}?list-type=2&prefix=same`, { signer: alice })
  assert.equal(element(list, 'ETag').replaceAll('&quot;', '"'), head.headers['etag'])
  const upload = await store.engine.bucket(BUCKET).createUpload('parts')
  const part = await store.ask('PUT', `/${BUCKET}/parts?partNumber=1&uploadId=${upload.uploadId}`, {
    signer: alice,
    body: Buffer.from('part'),
  })
  assert.doesNotMatch(part.headers['etag']!, /^"[0-9a-f]{32}"$/)
})

test('a listing takes any prefix and delimiter, or with the limits kept those of directory buckets', async () => {
  const queries = [
    ['prefix=dir/', 200],
    ['prefix=dir/&delimiter=/', 200],
    ['delimiter=/', 200],
    ['prefix=di', 400],
    ['delimiter=i', 400],
    ['start-after=a', 501],
  ] as const
  for (const pageLimits of ['lift', 'keep'] as const) {
    await using store = await express({ pageLimits })
    for (const [query, kept] of queries) {
      const said = await store.ask('GET', `/${BUCKET}?list-type=2&${query}`, { signer: alice })
      assert.equal(said.status, pageLimits === 'keep' ? kept : 200, `${pageLimits} ${query}`)
    }
  }
})

test('uploads under way keep a directory bucket, as objects do', async () => {
  await using store = await express()
  const ask = async () => {
    const said = await store.ask('DELETE', `/${OTHER}`, { signer: alice })
    return [said.status, said.code]
  }
  const upload = await store.engine.bucket(OTHER).createUpload('under way')
  assert.deepEqual(await ask(), [409, 'BucketNotEmpty'])
  await upload.abort()
  assert.deepEqual(await ask(), [204, undefined])
})
