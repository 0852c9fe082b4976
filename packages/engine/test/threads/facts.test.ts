import assert from 'node:assert/strict'
import test from 'node:test'
import type { Bucket, Listing, ListOptions } from '@aquifer/engine'
import { all, bytesOf, openConnected } from './open-connected.js'

async function fill(bucket: Bucket): Promise<void> {
  await bucket.setConfiguration('versioning', 'enabled')
  for (let n = 0; n < 60; n++)
    await bucket.put(n % 7 === 0 ? `ключ/${n}` : `key/${n % 3}/${n}`, bytesOf(n), {
      ...(n % 2 === 0 ? { ownerId: `owner ${n % 4}` } : {}),
      ...(n % 5 === 0 ? { storageClass: 'COLD', metadata: { n: `${n}` }, tags: { a: 'b' } } : {}),
      checksumAlgorithm: n % 11 === 0 ? 'sha256' : 'crc32',
    })
  await bucket.delete('key/1/1')
  for (let n = 0; n < 5; n++) await bucket.createUpload(`upload ${n}`, n === 2 ? { ownerId: 'me' } : {})
}

type ListOf = (bucket: Bucket, options: ListOptions) => Listing<unknown, string>
const lists: Record<string, ListOf> = {
  'of objects': (bucket, options) => bucket.list(options),
  'of summaries': (bucket, options) => bucket.list({ ...options, summary: true }),
  'of versions': (bucket, options) => bucket.listVersions(options),
  'of uploads': (bucket, options) => bucket.listUploads(options),
}

for (const [name, list] of Object.entries(lists))
  test(`a list ${name} is the same on either side, page by page and whole`, async (t) => {
    const { engine, logs } = await openConnected(t)
    const own = engine.bucket('logs')
    await fill(own)
    for (const options of [
      {},
      { delimiter: '/' },
      { prefix: 'key/', delimiter: '/' },
      { prefix: 'none' },
      { limit: 7 },
      { limit: 0 },
    ]) {
      assert.deepEqual(await list(logs, options).page(), await list(own, options).page())
      assert.deepEqual(await all(list(logs, options)), await all(list(own, options)))
    }
    let from = {}
    for (;;) {
      const page = await list(logs, { ...from, limit: 9 }).page()
      assert.deepEqual(page, await list(own, { ...from, limit: 9 }).page())
      if (page.next === undefined) break
      from = page.next
    }
  })

test('facts are the same on either side', async (t) => {
  const { engine, connected, logs } = await openConnected(t)
  const own = engine.bucket('logs')
  await fill(own)
  for (const key of ['key/1/10', 'ключ/35']) assert.deepEqual(await logs.head(key), await own.head(key))
  assert.deepEqual(await logs.info(), await own.info())
  assert.deepEqual(await connected.stat(), await engine.stat())
  assert.deepEqual(await connected.health(), engine.health())
  assert.equal((await connected.lockTime()).isHeldBack, false)
  assert.deepEqual(await connected.listBuckets().page(), await engine.listBuckets().page())
  assert.deepEqual(await logs.getConfiguration('versioning'), 'enabled')
  assert.equal(await logs.getConfiguration('cors'), undefined)
})

test('what is revoked is refused from the moment on at which whoever revoked it was answered', async (t) => {
  const { engine, connected } = await openConnected(t)
  const { identities } = connected
  const added = await engine.identities.users.add('alice', { accessKey: {}, policies: ['readonly'] })
  const { accessKeyId, secretAccessKey } = added.accessKey!
  const found = await identities.findAccessKey(accessKeyId)
  assert.equal(found?.secretAccessKey, secretAccessKey)
  const may = async (action = 's3:GetObject') =>
    (await connected.can(found!.principal, action, 'arn:aws:s3:::logs/key')).allowed
  assert.equal(await may(), true)
  assert.ok(
    !(connected.can(found!.principal, 's3:GetObject', 'arn:aws:s3:::logs/key') instanceof Promise),
    'it is known by now',
  )
  await engine.identities.detach('readonly', { user: 'alice' })
  assert.equal(await may(), false)
  await engine.bucket('logs').setConfiguration('policy', policyFor('s3:GetObject'))
  assert.equal(await may(), true)
  await identities.keys.setEnabled(accessKeyId, false)
  assert.equal(await identities.findAccessKey(accessKeyId), undefined)
  assert.equal(await may(), false)
  await engine.identities.keys.setEnabled(accessKeyId, true)
  assert.equal(await may(), true)
  await engine.bucket('logs').setConfiguration('policy', policyFor('s3:DeleteObject'))
  assert.equal(await may(), false)
  await engine.bucket('logs').remove()
  await engine.createBucket('logs')
  assert.equal(await may('s3:DeleteObject'), false)
})

test('conditions of policies are asked of whoever asks, on his side', async (t) => {
  const { engine, connected } = await openConnected(t)
  const policy = policyFor('s3:GetObject', { StringLike: { 'aws:Referer': 'https://ours/*' } })
  await engine.bucket('logs').setConfiguration('policy', policy)
  const anonymous = { kind: 'anonymous', id: '', name: '', displayName: '' } as const
  const may = async (referer: string) =>
    (
      await connected.can(
        anonymous,
        's3:GetObject',
        'arn:aws:s3:::logs/key',
        new Map([['aws:referer', [referer]]]),
      )
    ).allowed
  assert.equal(await may('https://ours/page'), true)
  assert.equal(await may('https://theirs/page'), false)
})

const policyFor = (action: string, condition?: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: '*',
        Action: action,
        Resource: 'arn:aws:s3:::logs/*',
        ...(condition && { Condition: condition }),
      },
    ],
  })

test('what is said of versions of another store crosses whole', async (t) => {
  const { engine, logs } = await openConnected(t)
  const own = engine.bucket('logs')
  await logs.setConfiguration('versioning', 'enabled')
  const versionId = 'f'.repeat(12) + '1'.repeat(20)
  const lastModified = new Date(1_000)
  const replica = { versionId, lastModified, etag: 'abc-2', changed: { tags: new Date(3_000) } }
  const info = await logs.put('a', bytesOf(1), { replica, tags: { a: '1' } })
  assert.deepEqual(info, await own.head('a'))
  assert.deepEqual([info.versionId, info.lastModified, info.etag], [versionId, lastModified, 'abc-2'])
  const upload = await logs.createUpload('b', { replica })
  await upload.complete([await upload.putPart(1, bytesOf(2))])
  assert.equal((await own.head('b')).etag, 'abc-2')
  const facts = { versionId, tags: { b: '2' }, changed: { tags: new Date(4_000) } }
  assert.deepEqual(await logs.mergeReplica('a', facts), await own.mergeReplica('a', facts))
  assert.deepEqual(await own.getTags('a'), { b: '2' })
  assert.deepEqual(await logs.delete('a', { versionId, replica: {} }), { key: 'a', versionId })
  await assert.rejects(logs.put('a', bytesOf(1), { replica }), { code: 'PreconditionFailed' })
  const deleteMarker = { lastModified }
  const made = await logs.delete('c', { versionId, replica: { deleteMarker } })
  assert.deepEqual(made, { key: 'c', deleteMarker: { versionId } })
})
