import assert from 'node:assert/strict'
import test from 'node:test'
import type { ObjectInfo, PutOptions } from '@aquifer/engine'
import { contentType, formBody } from './forms.js'
import { type Answered, S3InMemory } from './s3-in-memory.js'

type Headers = Record<string, string>

const DAY_MS = 86_400_000
const body = 'the bytes of a version'
const request: Headers = { 'x-minio-source-replication-request': 'true' }
const iso = (date: Date): string => date.toISOString()

/** What another store says of a version of its own. */
const told = ({ lastModified, etag }: ObjectInfo): Headers => ({
  ...request,
  'x-amz-replication-status': 'REPLICA',
  'x-minio-source-mtime': iso(lastModified),
  'x-minio-source-etag': etag,
})

/** A bucket that stands for another store, and the one that versions are brought to. */
async function open(options: { objectLock?: boolean } = {}) {
  const s3 = await S3InMemory.open()
  for (const name of ['there', 'here']) {
    await s3.engine.createBucket(name, options)
    await s3.engine.bucket(name).setConfiguration('versioning', 'enabled')
  }
  const here = s3.engine.bucket('here')
  const there = s3.engine.bucket('there')
  const url = ({ versionId }: { versionId?: string }, key = 'key'): string =>
    `/here/${key}?versionId=${versionId}`
  return Object.assign(s3, {
    here,
    there,
    url,
    make: (options: PutOptions = {}, key = 'key') => there.put(key, Buffer.from(body), options),
    bring: (info: ObjectInfo, headers: Headers = {}) =>
      s3.ask('PUT', url(info), { headers: { ...told(info), ...headers }, body }),
    merge: (info: ObjectInfo, headers: Headers) =>
      s3.ask('PUT', url(info), {
        headers: {
          ...request,
          'x-amz-copy-source': `/here/key?versionId=${info.versionId}`,
          'x-amz-metadata-directive': 'REPLACE',
          ...headers,
        },
      }),
    remove: (info: { versionId?: string }, headers: Headers = {}) =>
      s3.ask('DELETE', url(info), { headers: { ...request, ...headers } }),
    ids: async () => {
      const ids: (string | undefined)[] = []
      for await (const entry of here.listVersions())
        if (entry.type === 'version') ids.push(entry.info.versionId)
      return ids
    },
  })
}

const ok = ({ status, text }: Answered): void => assert.ok(status < 300, text)

test('a version of another store keeps its id, its time, its ETag and all that is said of it', async () => {
  await using s3 = await open()
  const info = await s3.make()
  const answer = await s3.bring(info, {
    'content-type': 'text/plain',
    'x-amz-meta-colour': 'green',
    'x-amz-tagging': 'a=1&b=2',
    'x-minio-source-etag': '"another-7"',
  })
  ok(answer)
  assert.equal(answer.headers['x-amz-version-id'], info.versionId)
  const head = await s3.ask('HEAD', '/here/key')
  assert.equal(head.headers['x-amz-version-id'], info.versionId)
  assert.equal(head.headers['etag'], '"another-7"')
  assert.equal(head.headers['content-type'], 'text/plain')
  assert.equal(head.headers['x-amz-meta-colour'], 'green')
  assert.equal(head.headers['x-amz-tagging-count'], '2')
  assert.equal(head.headers['x-amz-replication-status'], 'REPLICA')
  assert.deepEqual((await s3.here.head('key')).lastModified, info.lastModified)
  assert.equal((await s3.ask('GET', '/here/key')).text, body)
})

test('one header of two is enough to say that it is a replica', async () => {
  for (const header of ['x-minio-source-replication-request', 'x-amz-replication-status']) {
    await using s3 = await open()
    const info = await s3.make()
    ok(await s3.bring(info, { [header]: '' }))
    assert.equal((await s3.here.head('key')).versionId, info.versionId, header)
  }
})

test('versions have the order that they have in the other store, whichever comes first', async () => {
  await using s3 = await open()
  const infos = [await s3.make(), await s3.make(), await s3.make()]
  for (const at of [1, 2, 0]) ok(await s3.bring(infos[at]!))
  assert.deepEqual(await s3.ids(), infos.map(({ versionId }) => versionId).reverse())
  ok(await s3.bring(infos[1]!))
  assert.equal((await s3.ids()).length, 3, 'what is brought again is there once')
})

test('times are read to the millisecond, with whatever offset, and nothing else is a time', async () => {
  await using s3 = await open()
  const times: [string, string | undefined][] = [
    ['2026-10-05T10:00:00.123456789Z', '2026-10-05T10:00:00.123Z'],
    ['2026-10-05T12:00:00.9999+02:00', '2026-10-05T10:00:00.999Z'],
    ['2026-10-05T10:00:00Z', '2026-10-05T10:00:00.000Z'],
    ['2026-02-30T10:00:00Z', undefined],
    ['yesterday', undefined],
  ]
  for (const [text, expected] of times) {
    const info = await s3.make()
    const answer = await s3.bring(info, { 'x-minio-source-mtime': text })
    if (expected === undefined) assert.equal(answer.code, 'InvalidArgument', text)
    else
      assert.equal(
        (await s3.here.head('key', { versionId: info.versionId! })).lastModified.toISOString(),
        expected,
      )
    const changed = 'x-minio-source-replication-tagging-timestamp'
    assert.equal((await s3.bring(info, { [changed]: 'yesterday' })).code, 'InvalidArgument')
  }
})

test('what cannot be a version of another store is refused, and nothing is written', async () => {
  await using s3 = await open()
  const info = await s3.make()
  const refused: [what: string, status: number, code: string, url: string, headers: Headers][] = [
    ['no id', 400, 'InvalidArgument', '/here/key', {}],
    ['the null version', 400, 'InvalidArgument', '/here/key?versionId=null', {}],
    [
      'an id of others',
      400,
      'InvalidArgument',
      '/here/key?versionId=0a8f3c52-7b51-4a0e-9d42-aa2f6c1f3f10',
      {},
    ],
    ['no time', 400, 'InvalidArgument', s3.url(info), { 'x-minio-source-mtime': '' }],
    ['another status', 400, 'InvalidArgument', s3.url(info), { 'x-amz-replication-status': 'COMPLETED' }],
    [
      'a request that is none',
      400,
      'InvalidArgument',
      s3.url(info),
      { 'x-minio-source-replication-request': 'false' },
    ],
    [
      'facts without a word that it is a replica',
      400,
      'InvalidArgument',
      s3.url(info),
      { 'x-amz-replication-status': '', 'x-minio-source-replication-request': '' },
    ],
    ['an ETag that is none', 400, 'InvalidArgument', s3.url(info), { 'x-minio-source-etag': 'a"b' }],
    ['a condition', 400, 'InvalidRequest', s3.url(info), { 'if-none-match': '*' }],
    ['a marker that is put', 501, 'NotImplemented', s3.url(info), { 'x-minio-source-deletemarker': 'true' }],
    [
      'a sealed key',
      501,
      'NotImplemented',
      s3.url(info),
      { 'x-minio-replication-server-side-encryption-sealed-key': 'x' },
    ],
    [
      'a copy of something else',
      400,
      'InvalidRequest',
      s3.url(info),
      { 'x-amz-copy-source': `/there/key?versionId=${info.versionId}` },
    ],
  ]
  for (const [what, status, code, url, headers] of refused) {
    const answer = await s3.ask('PUT', url, { headers: { ...told(info), ...headers }, body })
    assert.equal(`${answer.status} ${answer.code}`, `${status} ${code}`, `${what}: ${answer.text}`)
  }
  await s3.engine.createBucket('plain')
  const unversioned = await s3.ask('PUT', `/plain/key?versionId=${info.versionId}`, {
    headers: told(info),
    body,
  })
  assert.equal(`${unversioned.status} ${unversioned.code}`, '400 InvalidRequest', unversioned.text)
  assert.deepEqual(await s3.ids(), [])
})

test('what asks whether it may is told so, and nothing is written', async () => {
  await using s3 = await open()
  const check = { ...request, 'x-minio-source-replication-check': 'true' }
  const url = `/here/aquifer-replication-check?versionId=${'0'.repeat(32)}`
  for (const method of ['PUT', 'DELETE']) {
    const answer = await s3.ask(method, url, { headers: check })
    assert.equal(`${answer.status} ${answer.code}`, '400 ReplicationPermissionCheck', answer.text)
  }
  const missing = await s3.ask('PUT', url.replace('here', 'nowhere'), { headers: check })
  assert.equal(missing.code, 'NoSuchBucket')
  assert.deepEqual(await s3.ids(), [])
})

test('a bucket tells other stores that versions keep their ids, and which bucket it is', async () => {
  await using s3 = await open()
  const { headers } = await s3.ask('HEAD', '/here')
  assert.equal(headers['x-aquifer-keeps-version-ids'], 'true')
  const { instanceId } = await s3.engine.bucket('here').info()
  assert.equal(headers['x-aquifer-bucket-id'], instanceId!)
  await using express = await S3InMemory.open({ profile: 'express' })
  await express.engine.createBucket('bucket')
  const head = await express.ask('HEAD', '/bucket')
  assert.equal(head.status, 200)
  assert.equal(head.headers['x-aquifer-keeps-version-ids'], undefined)
  assert.equal(head.headers['x-aquifer-bucket-id'], undefined)
  const answer = await express.ask('PUT', '/bucket/key', { headers: request, body })
  assert.equal(answer.code, 'NotImplemented')
})

test('a version comes in parts, and keeps the ETag that its parts made there', async () => {
  await using s3 = await open()
  const info = await s3.make({ tags: { a: 'b' } })
  const begun = await s3.ask('POST', `/here/key?uploads&versionId=${info.versionId}`, {
    headers: {
      ...told(info),
      'x-minio-source-etag': '0123456789abcdef0123456789abcdef-2',
      'x-amz-tagging': 'a=b',
    },
  })
  ok(begun)
  const uploadId = encodeURIComponent(/<UploadId>(.*?)</.exec(begun.text)![1]!)
  const sizes = [5 * 1024 ** 2, 7]
  const etags: string[] = []
  for (const [at, size] of sizes.entries()) {
    const part = await s3.ask('PUT', `/here/key?uploadId=${uploadId}&partNumber=${at + 1}`, {
      body: Buffer.alloc(size),
    })
    ok(part)
    etags.push(part.headers['etag']!)
  }
  const parts = etags.map((etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${etag}</ETag></Part>`)
  const complete = (headers: Headers = {}, url = `/here/key?uploadId=${uploadId}`) =>
    s3.ask('POST', url, {
      headers,
      body: `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`,
    })
  const etag = { 'x-minio-source-etag': '0123456789abcdef0123456789abcdef-2' }
  const plain = encodeURIComponent((await s3.here.createUpload('key')).uploadId)
  for (const [what, answer] of [
    ['another ETag', complete({ ...told(info), ...etag, 'x-minio-source-etag': 'another-2' })],
    ['another time', complete({ ...told(info), ...etag, 'x-minio-source-mtime': iso(later(1)) })],
    [
      'a change that was not told',
      complete({ ...request, 'x-minio-source-replication-tagging-timestamp': iso(later(1)) }),
    ],
    ['an upload of our own', complete(request, `/here/key?uploadId=${plain}`)],
  ] as const)
    assert.equal((await answer).code, 'InvalidRequest', what)
  const done = await complete({ ...told(info), ...etag })
  ok(done)
  assert.equal(done.headers['x-amz-version-id'], info.versionId)
  ok(await complete({ ...told(info), ...etag }))
  const found = await s3.here.head('key')
  assert.equal(found.etag, '0123456789abcdef0123456789abcdef-2')
  assert.equal(found.partCount, 2)
  assert.deepEqual(found.lastModified, info.lastModified)
  assert.deepEqual(await s3.here.getTags('key'), { a: 'b' })
})

test('a delete marker is made with its id and its time, and goes as one', async () => {
  await using s3 = await open()
  const info = await s3.make()
  ok(await s3.bring(info))
  const { deleteMarker } = await s3.there.delete('key')
  const marker = { ...deleteMarker! }
  const time = {
    'x-minio-source-mtime': '2026-10-05T10:00:00.123456Z',
    'x-minio-source-deletemarker': 'true',
  }
  const made = await s3.remove(marker, time)
  assert.equal(made.status, 204, made.text)
  assert.equal(made.headers['x-amz-delete-marker'], 'true')
  assert.equal(made.headers['x-amz-version-id'], marker.versionId)
  assert.equal((await s3.ask('GET', '/here/key')).status, 404)
  assert.equal((await s3.ask('GET', '/here/key')).headers['x-amz-version-id'], marker.versionId)
  assert.equal((await s3.remove(marker, time)).status, 204)
  assert.equal((await s3.ids()).length, 2)
  const gone = await s3.remove(marker, { 'x-minio-source-deletemarker-delete': 'true' })
  assert.equal(gone.status, 204, gone.text)
  assert.deepEqual(await s3.ids(), [info.versionId])
  assert.equal((await s3.remove(marker, time)).status, 412, 'what was removed does not come back')

  assert.equal((await s3.remove(marker, { 'x-minio-source-deletemarker': 'true' })).code, 'InvalidArgument')
  const both = { ...time, 'x-minio-source-deletemarker-delete': 'true' }
  assert.equal((await s3.remove(marker, both)).code, 'InvalidArgument')
  const unnamed = await s3.ask('DELETE', '/here/key', { headers: request })
  assert.equal(unnamed.code, 'InvalidArgument')
})

test('a version that was removed there goes here, and does not come back', async () => {
  await using s3 = await open()
  const info = await s3.make()
  ok(await s3.bring(info))
  assert.equal((await s3.remove(info)).status, 204)
  assert.equal((await s3.remove(info)).status, 204)
  const again = await s3.bring(info)
  assert.equal(`${again.status} ${again.code}`, '412 PreconditionFailed', again.text)
  assert.deepEqual(await s3.ids(), [])
})

const retained = (mode: string, until: Date): Headers => ({
  'x-amz-object-lock-mode': mode,
  'x-amz-object-lock-retain-until-date': iso(until),
})
const later = (days: number): Date => new Date(Date.now() + days * DAY_MS)

test('a version that object lock keeps here is not removed, and says why in words of its own', async () => {
  await using s3 = await open({ objectLock: true })
  const info = await s3.make()
  ok(await s3.bring(info, retained('COMPLIANCE', later(1))))
  const refused = await s3.remove(info)
  assert.equal(`${refused.status} ${refused.code}`, '403 AccessDenied')
  assert.match(refused.text, /object protected by object lock/)
  const another = await s3.make()
  ok(await s3.bring(another, { 'x-amz-object-lock-legal-hold': 'ON' }))
  assert.match((await s3.remove(another)).text, /object protected by object lock/)
  assert.equal((await s3.ids()).length, 2)
})

test('a removal passes over the locks that were known where it was made, and over no others', async () => {
  await using s3 = await open({ objectLock: true })
  const bypass = { 'x-amz-bypass-governance-retention': 'true' }
  const knew = (what: 'retention' | 'legalhold', time: Date): Headers => ({
    [`x-minio-source-replication-${what}-timestamp`]: iso(time),
  })
  const [before, said, after] = [later(0.1), later(0.2), later(0.3)]
  const held = { 'x-amz-object-lock-legal-hold': 'ON', ...knew('legalhold', said) }
  const kept = (mode: string) => ({ ...retained(mode, later(9)), ...knew('retention', said) })
  const cases: [Headers, Headers, 'goes' | 'stays'][] = [
    [held, { ...bypass }, 'stays'],
    [held, { ...bypass, ...knew('legalhold', before) }, 'stays'],
    [held, { ...bypass, ...knew('legalhold', said) }, 'stays'],
    [held, knew('legalhold', after), 'goes'],
    [kept('GOVERNANCE'), knew('retention', after), 'stays'],
    [kept('GOVERNANCE'), { ...bypass, ...knew('retention', before) }, 'stays'],
    [kept('GOVERNANCE'), { ...bypass, ...knew('retention', said) }, 'goes'],
    [kept('COMPLIANCE'), { ...bypass, ...knew('retention', after), ...knew('legalhold', after) }, 'stays'],
    [{ ...kept('GOVERNANCE'), ...held }, { ...bypass, ...knew('retention', after) }, 'stays'],
  ]
  for (const [locks, knowing, becomes] of cases) {
    const info = await s3.make()
    ok(await s3.bring(info, locks))
    const { status } = await s3.remove(info, knowing)
    assert.deepEqual(
      [status, (await s3.ids()).includes(info.versionId)],
      becomes === 'goes' ? [204, false] : [403, true],
      JSON.stringify([locks, knowing]),
    )
  }
})

test('what is said of a version is merged: the newest holds, in whatever order it comes', async () => {
  await using s3 = await open()
  const info = await s3.make()
  ok(await s3.bring(info))
  const tagged = (tags: string, time: Date): Headers => ({
    'x-amz-tagging-directive': 'REPLACE',
    'x-amz-tagging': tags,
    'x-minio-source-replication-tagging-timestamp': iso(time),
  })
  const newest = await s3.merge(info, tagged('a=new', later(0.5)))
  ok(newest)
  assert.match(newest.text, new RegExp(`<CopyObjectResult .*<ETag>&quot;${info.etag}&quot;`))
  assert.equal(newest.headers['x-amz-version-id'], info.versionId)
  ok(await s3.merge(info, tagged('a=old', later(-1))))
  assert.deepEqual(await s3.here.getTags('key'), { a: 'new' })
  ok(await s3.merge(info, tagged('', later(1))))
  assert.deepEqual(await s3.here.getTags('key'), {})
  assert.equal((await s3.ids()).length, 1)

  const other = await s3.make()
  const missing = await s3.merge(other, tagged('a=b', later(0.5)))
  assert.equal(`${missing.status} ${missing.code}`, '404 NoSuchVersion', missing.text)
})

test('a version that is there already takes what comes with it', async () => {
  await using s3 = await open()
  const info = await s3.make()
  ok(await s3.bring(info))
  const changed = { 'x-minio-source-replication-tagging-timestamp': iso(later(0.5)) }
  ok(await s3.bring(info, { 'x-amz-tagging': 'a=b', ...changed }))
  assert.deepEqual(await s3.here.getTags('key'), { a: 'b' })
  assert.equal((await s3.ids()).length, 1)
})

test('a merge sets locks, and weakens governance for who may go past it alone, and compliance for nobody', async () => {
  await using s3 = await open({ objectLock: true })
  const info = await s3.make()
  ok(await s3.bring(info))
  const at = (time: Date): Headers => ({ 'x-minio-source-replication-retention-timestamp': iso(time) })
  const bypass = { 'x-amz-bypass-governance-retention': 'true' }
  const retention = async () => (await s3.here.head('key')).retention
  const [sooner, then] = [later(1), later(2)]
  ok(await s3.merge(info, { ...retained('GOVERNANCE', then), ...at(later(0)) }))
  assert.deepEqual(await retention(), { mode: 'governance', retainUntil: then })

  const weaker = await s3.merge(info, { ...retained('GOVERNANCE', sooner), ...at(later(0.1)) })
  assert.equal(`${weaker.status} ${weaker.code}`, '403 AccessDenied', weaker.text)
  assert.match(weaker.text, /object protected by object lock/)
  ok(await s3.merge(info, { ...retained('GOVERNANCE', sooner), ...at(later(0.1)), ...bypass }))
  assert.deepEqual(await retention(), { mode: 'governance', retainUntil: sooner })
  ok(await s3.merge(info, { ...at(later(0.2)), ...bypass }))
  assert.equal(await retention(), undefined, 'a time alone takes it away')

  ok(await s3.merge(info, { ...retained('COMPLIANCE', then), ...at(later(0.3)) }))
  await s3.merge(info, { ...retained('COMPLIANCE', sooner), ...at(later(0.4)), ...bypass })
  await s3.merge(info, { ...at(later(0.5)), ...bypass })
  assert.deepEqual(await retention(), { mode: 'compliance', retainUntil: then })

  const hold = (on: string, time: Date): Headers => ({
    'x-amz-object-lock-legal-hold': on,
    'x-minio-source-replication-legalhold-timestamp': iso(time),
  })
  ok(await s3.merge(info, hold('ON', later(0))))
  assert.equal((await s3.here.head('key')).legalHold, true)
  ok(await s3.merge(info, hold('OFF', later(-1))))
  assert.equal((await s3.here.head('key')).legalHold, true)
  ok(await s3.merge(info, hold('OFF', later(1))))
  assert.equal((await s3.here.head('key')).legalHold, false)
})

test('what honours no header of other stores refuses them all', async () => {
  await using s3 = await open()
  await s3.here.put('key', Buffer.from(body))
  const upload = encodeURIComponent((await s3.here.createUpload('parts')).uploadId)
  const requests: [method: string, url: string, body?: string][] = [
    ['GET', '/here/key'],
    ['HEAD', '/here/key'],
    ['GET', '/here'],
    ['PUT', '/here/key?tagging', '<Tagging><TagSet/></Tagging>'],
    ['DELETE', '/here/key?tagging'],
    ['PUT', `/here/parts?uploadId=${upload}&partNumber=1`, body],
    ['DELETE', `/here/parts?uploadId=${upload}`],
    ['POST', '/here?delete', '<Delete><Object><Key>key</Key></Object></Delete>'],
  ]
  for (const headers of [
    request,
    { 'x-amz-replication-status': 'REPLICA' },
    { 'x-minio-source-mtime': iso(later(0)) },
  ])
    for (const [method, url, sent] of requests) {
      const answer = await s3.ask(method, url, { headers, ...(sent === undefined ? {} : { body: sent }) })
      assert.equal(answer.status, 501, `${method} ${url}: ${answer.text}`)
    }
  const form = await s3.ask('POST', '/here', {
    headers: { 'content-type': contentType, ...request },
    body: formBody([['key', 'form']], { bytes: body }),
  })
  assert.equal(form.status, 501, form.text)
  assert.equal((await s3.ids()).length, 1)
})
