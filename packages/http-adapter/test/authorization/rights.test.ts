import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { texts } from '../s3-in-memory.js'
import { arn, type Said, type Statement, StoreWithUsers } from './store-with-users.js'

const allow = (Action: string | string[], Resource: string | string[], more: object = {}): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
})
const object = arn('bucket/*')

async function withObject(): Promise<StoreWithUsers> {
  const store = await StoreWithUsers.open()
  await store.engine.createBucket('bucket')
  await store.engine.bucket('bucket').put('key', Buffer.from('body'))
  return store
}

/** An answer but for what is new in each. */
const plain = ({ status, headers, text }: Said): unknown => ({
  status,
  headers: Object.entries(headers).filter(([name]) => !/^(?:x-amz-request-id|date)$/.test(name)),
  text: text.replace(/<RequestId>.*?</, '<RequestId><'),
})

test('a refusal is the same to the byte, with conditions and without, whether the key is there or not', async () => {
  await using store = await withObject()
  const etag = (await store.engine.bucket('bucket').head('key')).etag
  const conditions: Record<string, string>[] = [
    {},
    { 'if-match': '*' },
    { 'if-match': `"${etag}"` },
    { 'if-none-match': '*' },
    { 'if-none-match': `"${etag}"` },
    { 'if-modified-since': new Date(0).toUTCString() },
    { 'if-unmodified-since': new Date(0).toUTCString() },
    { range: 'bytes=0-1' },
    { range: 'bytes=100-' },
    { 'x-amz-checksum-mode': 'ENABLED' },
  ]
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'] as const) {
    const seen = new Set<string>()
    for (const key of ['key', 'none'])
      for (const headers of conditions) {
        seen.add(JSON.stringify(plain(await store.ask(method, `/bucket/${key}`, { headers }))))
        seen.add(JSON.stringify(plain(await store.askAnonymously(method, `/bucket/${key}`, headers))))
      }
    assert.equal(seen.size, 1, method)
    assert.match([...seen][0]!, /^{"status":403/)
  }
  assert.equal((await store.engine.bucket('bucket').head('key')).etag, etag)
})

test('that a key is missing is told to who may list, and to nobody else', async () => {
  await using store = await withObject()
  const reads: [string, string, Record<string, string>?][] = [
    ['GET', '/bucket/none'],
    ['HEAD', '/bucket/none'],
    ['GET', '/bucket/none?tagging'],
    ['GET', '/bucket/none?attributes', { 'x-amz-object-attributes': 'ETag' }],
    ['PUT', '/bucket/copy', { 'x-amz-copy-source': '/bucket/none' }],
  ]
  for (const [mayList, status] of [
    [false, 403],
    [true, 404],
  ] as const)
    for (const [method, path, headers = {}] of reads) {
      await store.allow(
        allow(['s3:GetObject*', 's3:PutObject*'], object),
        ...(mayList ? [allow('s3:ListBucket', arn('bucket'))] : []),
      )
      const said = await store.ask(method, path, { headers })
      assert.equal(said.status, status, `${method} ${path}: ${said.text}`)
    }
})

test('a copy needs the right to read what it reads, by version, and to its tags', async () => {
  await using store = await withObject()
  const bucket = store.engine.bucket('bucket')
  await bucket.setConfiguration('versioning', 'enabled')
  const { versionId } = await bucket.put('tagged', Buffer.from('body'), { tags: { a: 'b' } })
  const copy = async (source: string, headers: Record<string, string> = {}): Promise<number> =>
    (await store.ask('PUT', '/bucket/copy', { headers: { 'x-amz-copy-source': source, ...headers } })).status
  const put = allow('s3:PutObject', object)
  const of = (key: string, ...actions: string[]): Statement => allow(actions, arn(`bucket/${key}`))

  await store.allow(put)
  assert.equal(await copy('/bucket/key'), 403)
  await store.allow(of('key', 's3:GetObject'))
  assert.equal(await copy('/bucket/key'), 403)
  await store.allow(put, of('key', 's3:GetObject'))
  assert.equal(await copy('/bucket/key'), 200)
  assert.equal(await copy('/bucket/key?versionId=null'), 403)
  await store.allow(put, of('key', 's3:GetObjectVersion'))
  assert.equal(await copy('/bucket/key'), 403)
  assert.equal(await copy('/bucket/key?versionId=null'), 200)

  await store.allow(put, of('tagged', 's3:GetObject', 's3:GetObjectVersion'))
  assert.equal(await copy('/bucket/tagged'), 403)
  assert.equal(await copy('/bucket/tagged', { 'x-amz-tagging-directive': 'REPLACE' }), 200)
  assert.deepEqual(await bucket.getTags('copy'), {})
  assert.equal(
    await copy('/bucket/tagged', { 'x-amz-tagging-directive': 'REPLACE', 'x-amz-tagging': 'c=d' }),
    403,
  )
  await store.allow(
    put,
    of('tagged', 's3:GetObject', 's3:GetObjectTagging'),
    of('copy', 's3:PutObjectTagging'),
  )
  assert.equal(await copy('/bucket/tagged'), 200)
  assert.deepEqual(await bucket.getTags('copy'), { a: 'b' })
  await store.allow(
    put,
    of('tagged', 's3:GetObjectVersion', 's3:GetObjectTagging'),
    of('copy', 's3:PutObjectTagging'),
  )
  assert.equal(await copy(`/bucket/tagged?versionId=${versionId}`), 403)

  const begun = await bucket.createUpload('parts')
  const part = async (): Promise<number> =>
    (
      await store.ask('PUT', `/bucket/parts?uploadId=${encodeURIComponent(begun.uploadId)}&partNumber=1`, {
        headers: { 'x-amz-copy-source': '/bucket/key' },
      })
    ).status
  await store.allow(put)
  assert.equal(await part(), 403)
  await store.allow(put, of('key', 's3:GetObject'))
  assert.equal(await part(), 200)
})

test('what a write asks for beside the object needs its own right, and only then', async () => {
  await using store = await withObject()
  await store.engine.createBucket('locked', { objectLock: true })
  const until = new Date(Date.now() + 86_400_000).toISOString()
  const md5 = createHash('md5').update('body').digest('base64')
  const lock = { 'x-amz-object-lock-mode': 'GOVERNANCE', 'x-amz-object-lock-retain-until-date': until }
  const asking: [Record<string, string>, string][] = [
    [{ 'x-amz-tagging': 'a=b' }, 's3:PutObjectTagging'],
    [lock, 's3:PutObjectRetention'],
    [{ 'x-amz-object-lock-legal-hold': 'OFF' }, 's3:PutObjectLegalHold'],
  ]
  for (const [headers, action] of asking) {
    const put = async (): Promise<Said> =>
      store.ask('PUT', '/locked/key', {
        headers: { ...headers, 'content-md5': md5 },
        body: Buffer.from('body'),
      })
    await store.allow(allow('s3:PutObject', arn('locked/*')))
    assert.equal((await put()).code, 'AccessDenied', action)
    await store.allow(allow(['s3:PutObject', action], arn('locked/*')))
    assert.equal((await put()).status, 200, action)
  }
  const ifMatch = { headers: { 'if-match': '"something"' }, body: Buffer.from('body') }
  await store.allow(allow('s3:PutObject', object))
  assert.equal((await store.ask('PUT', '/bucket/key', ifMatch)).status, 403)
  await store.allow(allow(['s3:PutObject', 's3:GetObject'], object))
  assert.equal((await store.ask('PUT', '/bucket/key', ifMatch)).status, 412)
})

test('of many keys to delete each is decided for itself, by its version too', async () => {
  await using store = await withObject()
  for (const key of ['mine/a', 'theirs/b']) await store.engine.bucket('bucket').put(key, Buffer.from('body'))
  const body = `<Delete>${['mine/a', 'theirs/b'].map((key) => `<Object><Key>${key}</Key></Object>`).join('')}<Object><Key>mine/a</Key><VersionId>null</VersionId></Object></Delete>`
  await store.allow(allow('s3:DeleteObject', arn('bucket/mine/*')))
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  const { text } = await store.ask('POST', '/bucket?delete', { headers, body: Buffer.from(body) })
  assert.deepEqual(texts(text, 'Code'), ['AccessDenied', 'AccessDenied'])
  assert.match(text, /<Deleted><Key>mine\/a<\/Key><\/Deleted>/)
  assert.equal((await store.engine.bucket('bucket').head('theirs/b')).sizeBytes, 4)
})

test('a list of buckets shows whoever asks its own, and those it may list, page by page', async () => {
  await using store = await StoreWithUsers.open()
  const { id } = await store.engine.identities.users.get('alice')
  for (const [name, ownerId] of [
    ['alices', id],
    ['listed', 'root-id'],
    ['others', 'root-id'],
  ] as const)
    await store.engine.createBucket(name, { ownerId })
  await store.allow(allow('s3:ListAllMyBuckets', '*'), allow('s3:ListBucket', arn('listed')))
  assert.deepEqual(texts((await store.ask('GET', '/')).text, 'Name'), ['alices', 'listed'])
  const first = await store.ask('GET', '/?max-buckets=1')
  assert.deepEqual(texts(first.text, 'Name'), ['alices'])
  const [token = ''] = texts(first.text, 'ContinuationToken')
  const second = await store.ask('GET', `/?max-buckets=1&continuation-token=${encodeURIComponent(token)}`)
  assert.deepEqual(texts(second.text, 'Name'), ['listed'])
})

test('conditions are answered by the request, and by the object where a policy asks for its tags', async () => {
  await using store = await withObject()
  await store.engine.bucket('bucket').put('open', Buffer.from('body'), { tags: { Open: 'yes' } })
  const read = async (path: string, headers: Record<string, string> = {}) =>
    (await store.ask('GET', path, { headers })).status
  const when = async (operator: string, key: string, value: string, action = 's3:GetObject') =>
    store.allow(
      allow(action, action === 's3:ListBucket' ? arn('bucket') : object, {
        Condition: { [operator]: { [key]: value } },
      }),
    )

  await when('StringEquals', 's3:ExistingObjectTag/Open', 'yes')
  assert.deepEqual([await read('/bucket/open'), await read('/bucket/key')], [200, 403])
  await when('StringLike', 's3:prefix', 'mine/*', 's3:ListBucket')
  assert.deepEqual(
    [await read('/bucket?prefix=mine/a'), await read('/bucket?prefix=x'), await read('/bucket')],
    [200, 403, 403],
  )
  await when('StringEquals', 's3:prefix', '', 's3:ListBucket')
  assert.deepEqual([await read('/bucket'), await read('/bucket?prefix=x')], [200, 403])
  await when('StringEquals', 's3:authType', 'REST-HEADER')
  assert.equal(await read('/bucket/key'), 200)
  assert.equal((await store.ask('GET', '/bucket/key', { form: 'query', payload: 'unsigned' })).status, 403)
  await when('NumericLessThan', 's3:signatureAge', '600000')
  assert.equal(await read('/bucket/key'), 200)
  await when('Bool', 'aws:SecureTransport', 'true')
  assert.equal(await read('/bucket/key'), 403)
  await when('StringEquals', 'aws:Referer', 'https://example.com/')
  assert.deepEqual(
    [await read('/bucket/key'), await read('/bucket/key', { referer: 'https://example.com/' })],
    [403, 200],
  )
  await when('StringEquals', 's3:RequestObjectTag/a', 'b', 's3:PutObjectTagging')
  for (const [value, status] of [
    ['b', 200],
    ['c', 403],
  ] as const) {
    const body = Buffer.from(
      `<Tagging><TagSet><Tag><Key>a</Key><Value>${value}</Value></Tag></TagSet></Tagging>`,
    )
    assert.equal((await store.ask('PUT', '/bucket/key?tagging', { body })).status, status)
  }
})

test('an anonymous caller has what the policy of the bucket gives to everybody', async () => {
  await using store = await withObject()
  assert.equal((await store.askAnonymously('GET', '/bucket/key')).status, 403)
  await store.bucketPolicy(allow('s3:GetObject', object))
  assert.equal((await store.askAnonymously('GET', '/bucket/key')).text, 'body')
  assert.equal((await store.askAnonymously('PUT', '/bucket/key', {}, 'x')).status, 403)
  assert.equal((await store.askAnonymously('GET', '/none/key')).code, 'NoSuchBucket')
})

test("a bucket's sub-resource on the path of a key is asked for of the bucket", async () => {
  await using store = await withObject()
  await store.allow(allow('s3:GetBucketCORS', arn('bucket')))
  assert.equal((await store.ask('GET', '/bucket/key?cors')).code, 'NoSuchCORSConfiguration')
  await store.allow(allow('s3:*', arn('bucket/key')))
  assert.equal((await store.ask('GET', '/bucket/key?cors')).code, 'AccessDenied')
})
