import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { type Answered, S3InMemory, texts } from './s3-in-memory.js'

const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
const configuration = (content: string) =>
  `<VersioningConfiguration ${NAMESPACE}>${content}</VersioningConfiguration>`
const versioned = (s3: S3InMemory, status: string) =>
  s3.ask('PUT', '/bucket?versioning', { body: configuration(`<Status>${status}</Status>`) })

async function withBucket(status?: string): Promise<S3InMemory> {
  const s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  if (status !== undefined) assert.equal((await versioned(s3, status)).status, 200)
  return s3
}

const idOf = ({ headers }: Answered): string => headers['x-amz-version-id']!

async function put(s3: S3InMemory, key: string, body: string): Promise<string> {
  const answer = await s3.ask('PUT', `/bucket/${key}`, { body })
  assert.equal(answer.status, 200, answer.text)
  return idOf(answer)
}

test('the state of versioning is told as it was set, and as nothing before that', async () => {
  await using s3 = await withBucket()
  const get = async () => (await s3.ask('GET', '/bucket?versioning')).text.replace(/^.*\n/, '')
  assert.equal(await get(), configuration(''))
  for (const status of ['Enabled', 'Suspended', 'Enabled']) {
    const answer = await versioned(s3, status)
    assert.deepEqual([answer.status, answer.text], [200, ''])
    assert.equal(await get(), configuration(`<Status>${status}</Status>`))
  }
})

for (const [content, status, code] of [
  ['', 400, 'IllegalVersioningConfigurationException'],
  ['<Status>On</Status>', 400, 'MalformedXML'],
  ['<Status>constructor</Status>', 400, 'MalformedXML'],
  ['<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>', 501, 'NotImplemented'],
  ['<Status>Enabled</Status><MfaDelete>maybe</MfaDelete>', 400, 'MalformedXML'],
  ['<Status>Enabled</Status><MfaDelete>Disabled</MfaDelete>', 200, undefined],
  ['<Status>Enabled</Status><ExcludeFolders>true</ExcludeFolders>', 501, 'NotImplemented'],
] as const)
  test(`versioning set to ${content || 'nothing'}: ${status}`, async () => {
    await using s3 = await withBucket()
    const answer = await s3.ask('PUT', '/bucket?versioning', { body: configuration(content) })
    assert.deepEqual([answer.status, answer.code], [status, code])
    const { text } = await s3.ask('GET', '/bucket?versioning')
    assert.equal(text.includes('<Status>'), status === 200)
  })

test('a bucket without versions gives no version ids', async () => {
  await using s3 = await withBucket()
  for (const [method, url, body] of [
    ['PUT', '/bucket/a', 'x'],
    ['GET', '/bucket/a'],
    ['HEAD', '/bucket/a?versionId=null'],
    ['GET', '/bucket/a?tagging'],
    ['DELETE', '/bucket/a'],
  ] as const) {
    const answer = await s3.ask(method, url, body === undefined ? {} : { body })
    assert.ok(answer.status < 300, `${method} ${url}`)
    assert.equal(answer.headers['x-amz-version-id'], undefined, `${method} ${url}`)
    assert.equal(answer.headers['x-amz-delete-marker'], undefined)
  }
})

test('each write, read and delete tells of which version it is', async () => {
  await using s3 = await withBucket()
  await put(s3, 'a', 'before')
  await versioned(s3, 'Enabled')
  const one = await put(s3, 'a', 'one')
  const two = await put(s3, 'a', 'two')
  assert.match(one, /^[0-9a-f]{32}$/)
  for (const method of ['GET', 'HEAD']) {
    assert.equal(idOf(await s3.ask(method, '/bucket/a')), two)
    assert.equal(idOf(await s3.ask(method, `/bucket/a?versionId=${one}`)), one)
    assert.equal(idOf(await s3.ask(method, '/bucket/a?versionId=null')), 'null')
  }
  assert.equal((await s3.ask('GET', `/bucket/a?versionId=${one}`)).text, 'one')
  assert.equal((await s3.ask('GET', '/bucket/a?versionId=null')).text, 'before')
  const part = await s3.ask('GET', `/bucket/a?versionId=${one}`, { headers: { range: 'bytes=1-1' } })
  assert.deepEqual([part.status, part.text, idOf(part)], [206, 'n', one])
  const ifRange = { range: 'bytes=1-1', 'if-range': part.headers['etag']! }
  const same = await s3.ask('GET', `/bucket/a?versionId=${one}`, { headers: ifRange })
  assert.deepEqual([same.status, same.text, idOf(same)], [206, 'n', one])
  const known = await s3.ask('GET', `/bucket/a?versionId=${one}`, {
    headers: { 'if-none-match': part.headers['etag']! },
  })
  assert.deepEqual([known.status, idOf(known)], [304, one])
  const attributes = await s3.ask('GET', `/bucket/a?attributes&versionId=${one}`, {
    headers: { 'x-amz-object-attributes': 'ObjectSize' },
  })
  assert.deepEqual([idOf(attributes), texts(attributes.text, 'ObjectSize')], [one, ['3']])
  const gone = await s3.ask('DELETE', `/bucket/a?versionId=${one}`)
  assert.deepEqual([gone.status, idOf(gone), gone.headers['x-amz-delete-marker']], [204, one, undefined])
  assert.equal((await s3.ask('GET', `/bucket/a?versionId=${one}`)).code, 'NoSuchVersion')
})

test('a delete marker: 404 where it is current, 405 by its id, and the object is back when it goes', async () => {
  await using s3 = await withBucket('Enabled')
  const one = await put(s3, 'a', 'one')
  const deleted = await s3.ask('DELETE', '/bucket/a')
  const marker = idOf(deleted)
  assert.deepEqual([deleted.status, deleted.headers['x-amz-delete-marker']], [204, 'true'])
  for (const method of ['GET', 'HEAD']) {
    const current = await s3.ask(method, '/bucket/a')
    assert.equal(current.status, 404)
    assert.equal(current.code, method === 'GET' ? 'NoSuchKey' : undefined)
    assert.equal(current.headers['x-amz-delete-marker'], 'true')
    assert.equal(idOf(current), marker)
    const byId = await s3.ask(method, `/bucket/a?versionId=${marker}`)
    assert.equal(byId.status, 405)
    assert.equal(byId.code, method === 'GET' ? 'MethodNotAllowed' : undefined)
    assert.equal(byId.headers['allow'], 'DELETE')
    assert.equal(byId.headers['x-amz-delete-marker'], 'true')
    assert.equal(idOf(byId), marker)
    assert.match(byId.headers['last-modified']!, / GMT$/)
  }
  const tagging = await s3.ask('GET', `/bucket/a?tagging&versionId=${marker}`)
  assert.deepEqual([tagging.status, tagging.code], [405, 'MethodNotAllowed'])
  assert.equal((await s3.ask('GET', '/bucket?list-type=2')).text.includes('<Contents>'), false)
  assert.equal((await s3.ask('DELETE', '/bucket')).code, 'BucketNotEmpty')
  const removed = await s3.ask('DELETE', `/bucket/a?versionId=${marker}`)
  assert.deepEqual(
    [removed.status, idOf(removed), removed.headers['x-amz-delete-marker']],
    [204, marker, 'true'],
  )
  assert.equal(idOf(await s3.ask('HEAD', '/bucket/a')), one)
})

test('suspended, writes and deletes are of the null version', async () => {
  await using s3 = await withBucket('Enabled')
  await put(s3, 'a', 'one')
  await versioned(s3, 'Suspended')
  assert.equal(await put(s3, 'a', 'null'), 'null')
  const deleted = await s3.ask('DELETE', '/bucket/a')
  assert.deepEqual([idOf(deleted), deleted.headers['x-amz-delete-marker']], ['null', 'true'])
  const byId = await s3.ask('GET', '/bucket/a?versionId=null')
  assert.deepEqual([byId.status, idOf(byId)], [405, 'null'])
})

for (const [id, code, message] of [
  ['', 'InvalidArgument', 'Version id cannot be the empty string'],
  ['x', 'InvalidArgument', 'Invalid version id specified'],
  ['%00', 'InvalidArgument', 'Invalid version id specified'],
  ['0'.repeat(32), 'NoSuchVersion', undefined],
  ['6c2b9e0e-1f5d-4c0b-9a77-0d3f6a1e2b4c', 'NoSuchVersion', undefined],
  ['null', 'NoSuchVersion', undefined],
] as const)
  test(`reading version "${id}", which is none: ${code}`, async () => {
    await using s3 = await withBucket('Enabled')
    await put(s3, 'a', 'one')
    const answer = await s3.ask('GET', `/bucket/a?versionId=${id}`)
    assert.deepEqual([answer.status, answer.code], [code === 'NoSuchVersion' ? 404 : 400, code])
    if (message !== undefined) {
      assert.deepEqual(texts(answer.text, 'Message'), [message])
      assert.deepEqual(texts(answer.text, 'ArgumentName'), ['versionId'])
    }
    const gone = await s3.ask('DELETE', `/bucket/a?versionId=${id}`)
    assert.equal(gone.status, code === 'NoSuchVersion' ? 204 : 400)
    assert.equal((await s3.ask('GET', '/bucket/a')).text, 'one')
  })

test('a copy tells which version it made of which, and brings an old one back', async () => {
  await using s3 = await withBucket('Enabled')
  const one = await put(s3, 'a', 'one')
  const two = await put(s3, 'a', 'two')
  const copy = (source: string) =>
    s3.ask('PUT', '/bucket/a', { headers: { 'x-amz-copy-source': `/bucket/a${source}` } })
  const restored = await copy(`?versionId=${one}`)
  assert.equal(restored.status, 200, restored.text)
  assert.equal(restored.headers['x-amz-copy-source-version-id'], one)
  const now = await s3.ask('GET', '/bucket/a')
  assert.deepEqual([now.text, idOf(now)], ['one', idOf(restored)])
  assert.equal((await copy('')).code, 'InvalidRequest')
  const marker = idOf(await s3.ask('DELETE', '/bucket/a'))
  assert.deepEqual([(await copy('')).status, (await copy('')).code], [404, 'NoSuchKey'])
  assert.equal((await copy(`?versionId=${marker}`)).code, 'InvalidRequest')
  assert.equal((await copy('?versionId=x')).code, 'InvalidArgument')
  const upload = (await s3.ask('POST', '/bucket/b?uploads')).text.match(/<UploadId>(.*)<\/UploadId>/)![1]!
  const part = await s3.ask('PUT', `/bucket/b?uploadId=${upload}&partNumber=1`, {
    headers: { 'x-amz-copy-source': `/bucket/a?versionId=${two}` },
  })
  assert.equal(part.headers['x-amz-copy-source-version-id'], two)
  const [etag] = texts(part.text, 'ETag')
  const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`
  const completed = await s3.ask('POST', `/bucket/b?uploadId=${upload}`, { body })
  const made = await s3.ask('GET', '/bucket/b')
  assert.deepEqual([made.text, idOf(made)], ['two', idOf(completed)])
})

test('many deletes tell of versions and of markers', async () => {
  await using s3 = await withBucket('Enabled')
  const one = await put(s3, 'a', 'one')
  const marker = idOf(await s3.ask('DELETE', '/bucket/a'))
  const object = (key: string, id?: string) =>
    `<Object><Key>${key}</Key>${id === undefined ? '' : `<VersionId>${id}</VersionId>`}</Object>`
  const body = `<Delete>${object('a', one)}${object('a', marker)}${object('a')}${object('a', 'x')}</Delete>`
  const md5 = createHash('md5').update(body).digest('base64')
  const answer = await s3.ask('POST', '/bucket?delete', { body, headers: { 'content-md5': md5 } })
  const made = (await s3.ask('GET', '/bucket/a')).headers['x-amz-version-id']
  assert.equal(
    answer.text.replace(/^.*\n/, ''),
    `<DeleteResult ${NAMESPACE}>` +
      `<Deleted><Key>a</Key><VersionId>${one}</VersionId></Deleted>` +
      `<Deleted><Key>a</Key><VersionId>${marker}</VersionId><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>${marker}</DeleteMarkerVersionId></Deleted>` +
      `<Deleted><Key>a</Key><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>${made}</DeleteMarkerVersionId></Deleted>` +
      '<Error><Key>a</Key><VersionId>x</VersionId><Code>NoSuchVersion</Code><Message>The specified version does not exist.</Message></Error>' +
      '</DeleteResult>',
  )
})

const withoutTimes = (text: string) =>
  text
    .replace(/^.*\n/, '')
    .replaceAll(/<LastModified>[^<]+<\/LastModified>/g, '<LastModified/>')
    .replaceAll(/<Checksum(Algorithm|Type)>[^<]+<\/Checksum(Algorithm|Type)>/g, '')

test('a list of versions has versions and markers as they follow each other', async () => {
  await using s3 = await withBucket()
  await put(s3, 'a b', 'before')
  await versioned(s3, 'Enabled')
  const marker = idOf(await s3.ask('DELETE', '/bucket/a%20b'))
  await put(s3, 'folder/x', 'x')
  const { text } = await s3.ask('GET', '/bucket?versions&delimiter=/&encoding-type=url')
  const owner = '<Owner><ID>owner-id</ID><DisplayName>owner</DisplayName></Owner>'
  const etag = createHash('md5').update('before').digest('hex')
  assert.equal(
    withoutTimes(text),
    `<ListVersionsResult ${NAMESPACE}><Name>bucket</Name><Prefix></Prefix><KeyMarker></KeyMarker><VersionIdMarker></VersionIdMarker><MaxKeys>1000</MaxKeys><Delimiter>/</Delimiter><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>` +
      `<DeleteMarker><Key>a%20b</Key><VersionId>${marker}</VersionId><IsLatest>true</IsLatest><LastModified/>${owner}</DeleteMarker>` +
      `<Version><Key>a%20b</Key><VersionId>null</VersionId><IsLatest>false</IsLatest><LastModified/><ETag>&quot;${etag}&quot;</ETag><Size>6</Size>${owner}<StorageClass>STANDARD</StorageClass></Version>` +
      '<CommonPrefixes><Prefix>folder/</Prefix></CommonPrefixes></ListVersionsResult>',
  )
})

test('pages of versions go on from their markers', async () => {
  await using s3 = await withBucket()
  await put(s3, 'a', 'null')
  await versioned(s3, 'Enabled')
  for (const key of ['a', 'a', 'b']) await put(s3, key, 'x')
  await s3.ask('DELETE', '/bucket/b')
  const all = texts((await s3.ask('GET', '/bucket?versions')).text, 'VersionId')
  assert.equal(all.length, 5)
  const found: string[] = []
  let markers = ''
  for (let pages = 1; ; pages++) {
    const { text } = await s3.ask('GET', `/bucket?versions&max-keys=2${markers}`)
    found.push(...texts(text, 'VersionId'))
    if (texts(text, 'IsTruncated')[0] === 'false') {
      assert.equal(pages, 3)
      assert.deepEqual(texts(text, 'NextKeyMarker'), [])
      break
    }
    const [key, id] = [texts(text, 'NextKeyMarker')[0]!, texts(text, 'NextVersionIdMarker')[0]!]
    markers = `&key-marker=${key}&version-id-marker=${id}`
  }
  assert.deepEqual(found, all)
  const afterKey = await s3.ask('GET', '/bucket?versions&key-marker=a&max-keys=0')
  assert.deepEqual(texts(afterKey.text, 'VersionId'), [])
  assert.deepEqual(texts((await s3.ask('GET', '/bucket?versions&key-marker=a')).text, 'Key'), ['b', 'b'])
})

for (const [query, name] of [
  [`version-id-marker=${'0'.repeat(32)}`, 'version-id-marker'],
  ['key-marker=a&version-id-marker=x', 'version-id-marker'],
  ['max-keys=-1', 'maxKeys'],
  ['encoding-type=base64', 'encoding-type'],
] as const)
  test(`a list of versions with ${query} is refused`, async () => {
    await using s3 = await withBucket('Enabled')
    const answer = await s3.ask('GET', `/bucket?versions&${query}`)
    assert.deepEqual([answer.status, answer.code], [400, 'InvalidArgument'])
    assert.deepEqual(texts(answer.text, 'ArgumentName'), [name])
  })

test('tags are set, read and deleted by version', async () => {
  await using s3 = await withBucket('Enabled')
  const one = await put(s3, 'a', 'one')
  const two = await put(s3, 'a', 'two')
  const body = '<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>'
  assert.equal(idOf(await s3.ask('PUT', `/bucket/a?tagging&versionId=${one}`, { body })), one)
  const read = async (query: string) => {
    const answer = await s3.ask('GET', `/bucket/a?tagging${query}`)
    return [idOf(answer), ...texts(answer.text, 'Key')]
  }
  assert.deepEqual(await read(`&versionId=${one}`), [one, 'k'])
  assert.deepEqual(await read(''), [two])
  assert.equal((await s3.ask('HEAD', `/bucket/a?versionId=${one}`)).headers['x-amz-tagging-count'], '1')
  const cleared = await s3.ask('DELETE', `/bucket/a?tagging&versionId=${one}`)
  assert.deepEqual([cleared.status, idOf(cleared)], [204, one])
  assert.deepEqual(await read(`&versionId=${one}`), [one])
})

test('to name a version takes a right of its own', async () => {
  const asked: string[] = []
  await using s3 = await S3InMemory.open({
    authorize: ({ action }) => {
      asked.push(action)
      return true
    },
  })
  await s3.ask('PUT', '/bucket')
  await s3.ask('PUT', '/bucket/a', { body: 'x' })
  asked.length = 0
  await s3.ask('GET', '/bucket/a?versionId=null')
  await s3.ask('PUT', '/bucket/b', { headers: { 'x-amz-copy-source': '/bucket/a?versionId=null' } })
  const body = '<Delete><Object><Key>b</Key><VersionId>null</VersionId></Object></Delete>'
  const md5 = createHash('md5').update(body).digest('base64')
  await s3.ask('POST', '/bucket?delete', { body, headers: { 'content-md5': md5 } })
  await s3.ask('DELETE', '/bucket/a?versionId=null')
  assert.deepEqual(asked, [
    's3:GetObjectVersion',
    's3:PutObject',
    's3:GetObjectVersion',
    's3:GetObjectVersionTagging',
    's3:PutObjectTagging',
    's3:DeleteObjectVersion',
    's3:DeleteObjectVersion',
  ])
})

test('a version under governance goes only for who may and asks to go past it', async () => {
  await using s3 = await withBucket('Enabled')
  const box = s3.engine.bucket('bucket')
  await box.setConfiguration('objectLock', {})
  const retention = { mode: 'governance' as const, retainUntil: new Date(Date.now() + 86_400_000) }
  const put = async () => (await box.put('a', Buffer.from('x'), { retention })).versionId!
  const [one, two] = [await put(), await put()]
  const bypass = { 'x-amz-bypass-governance-retention': 'true' }
  assert.equal((await s3.ask('DELETE', `/bucket/a?versionId=${one}`)).code, 'AccessDenied')
  assert.equal((await s3.ask('DELETE', `/bucket/a?versionId=${one}`, { headers: bypass })).status, 204)
  const body = `<Delete><Object><Key>a</Key><VersionId>${two}</VersionId></Object></Delete>`
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  const refused = await s3.ask('POST', '/bucket?delete', { body, headers })
  assert.deepEqual(texts(refused.text, 'Code'), ['AccessDenied'])
  const gone = await s3.ask('POST', '/bucket?delete', { body, headers: { ...headers, ...bypass } })
  assert.deepEqual(texts(gone.text, 'Code'), [])
  assert.equal((await s3.ask('GET', `/bucket/a?versionId=${two}`)).code, 'NoSuchVersion')
})
