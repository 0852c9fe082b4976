import assert from 'node:assert/strict'
import test from 'node:test'
import { type Answered, owner, S3InMemory, texts } from './s3-in-memory.js'

async function withObject(): Promise<S3InMemory> {
  const s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  await s3.ask('PUT', '/bucket/k', { body: 'bytes', headers: { 'x-amz-tagging': 'a=1&b=%C3%A4+%2B' } })
  return s3
}

const document = (...tags: [string, string][]): string =>
  `<Tagging><TagSet>${tags.map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`).join('')}</TagSet></Tagging>`

const read = ({ text }: Answered): Record<string, string> => {
  const values = texts(text, 'Value')
  return Object.fromEntries(texts(text, 'Key').map((key, at) => [key, values[at]!]))
}

const tagsOf = async (s3: S3InMemory, path: string): Promise<Record<string, string>> =>
  read(await s3.ask('GET', `${path}?tagging`))

test('tags put with an object are read and counted', async () => {
  await using s3 = await withObject()
  const tags = await s3.ask('GET', '/bucket/k?tagging')
  assert.equal(tags.status, 200)
  assert.match(tags.text, /<Tagging xmlns="[^"]+"><TagSet><Tag><Key>a<\/Key><Value>1<\/Value><\/Tag>/)
  assert.deepEqual(read(tags), { a: '1', b: 'ä +' })
  for (const method of ['GET', 'HEAD'])
    assert.equal((await s3.ask(method, '/bucket/k')).headers['x-amz-tagging-count'], '2')
})

test('an object without tags has an empty set of them, and no count', async () => {
  await using s3 = await withObject()
  await s3.ask('PUT', '/bucket/plain', { body: 'x' })
  assert.match(
    (await s3.ask('GET', '/bucket/plain?tagging')).text,
    /<Tagging xmlns="[^"]+"><TagSet><\/TagSet><\/Tagging>$/,
  )
  assert.equal((await s3.ask('HEAD', '/bucket/plain')).headers['x-amz-tagging-count'], undefined)
})

test('new tags take the place of all there were, and nothing else of the object changes', async () => {
  await using s3 = await withObject()
  const before = (await s3.ask('GET', '/bucket/k')).headers
  const put = await s3.ask('PUT', '/bucket/k?tagging', { body: document(['c', ''], ['d', '&amp;']) })
  assert.equal(put.status, 400) // An ampersand is no character of a tag.
  assert.equal((await s3.ask('PUT', '/bucket/k?tagging', { body: document(['c', '']) })).status, 200)
  assert.deepEqual(await tagsOf(s3, '/bucket/k'), { c: '' })
  const after = await s3.ask('GET', '/bucket/k')
  assert.equal(after.text, 'bytes')
  assert.equal(after.headers['x-amz-tagging-count'], '1')
  for (const name of ['etag', 'last-modified', 'content-type'])
    assert.equal(after.headers[name], before[name], name)
})

test('a large object keeps its bytes when its tags change, and its copies keep theirs', async () => {
  await using s3 = await withObject()
  const large = Buffer.alloc(300_000, 'aquifer ')
  await s3.ask('PUT', '/bucket/large', { body: large })
  await s3.ask('PUT', '/bucket/copy', { headers: { 'x-amz-copy-source': '/bucket/large' } })
  await s3.ask('PUT', '/bucket/large?tagging', { body: document(['a', 'b']) })
  await s3.ask('DELETE', '/bucket/copy')
  await s3.engine.reclaim()
  assert.ok(large.equals((await s3.ask('GET', '/bucket/large')).bytes))
})

test('deleting tags leaves none, and does so twice', async () => {
  await using s3 = await withObject()
  for (let time = 0; time < 2; time++) assert.equal((await s3.ask('DELETE', '/bucket/k?tagging')).status, 204)
  assert.deepEqual(await tagsOf(s3, '/bucket/k'), {})
})

test('an empty tagging document clears', async () => {
  await using s3 = await withObject()
  assert.equal((await s3.ask('PUT', '/bucket/k?tagging', { body: document() })).status, 200)
  assert.deepEqual(await tagsOf(s3, '/bucket/k'), {})
})

test('what is not there has no tags to read, write or delete', async () => {
  await using s3 = await withObject()
  for (const [method, body] of [['GET'], ['PUT', document(['a', 'b'])], ['DELETE']] as const) {
    const asked = body === undefined ? {} : { body }
    const missing = await s3.ask(method, '/bucket/missing?tagging', asked)
    assert.deepEqual([missing.status, missing.code], [404, 'NoSuchKey'], method)
    assert.equal((await s3.ask(method, '/nowhere/k?tagging', asked)).code, 'NoSuchBucket', method)
    assert.equal(
      (await s3.ask(method, '/bucket/k?tagging&versionId=x', asked)).code,
      'InvalidArgument',
      method,
    )
  }
})

const long = 'x'.repeat(257)
const refusedDocuments: [what: string, body: string, code: string][] = [
  ['two tags of one name', document(['a', '1'], ['a', '2']), 'InvalidTag'],
  [
    'eleven tags',
    document(...Array.from({ length: 11 }, (_, at) => [`k${at}`, 'v'] as [string, string])),
    'InvalidTag',
  ],
  ['a name that is too long', document([long, 'v']), 'InvalidTag'],
  ['a value that is too long', document(['k', long]), 'InvalidTag'],
  ['no name', document(['', 'v']), 'InvalidTag'],
  ["a name of the system's", document(['aws:k', 'v']), 'InvalidTag'],
  ['a tag without a value', '<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>', 'MalformedXML'],
  ['no set', '<Tagging></Tagging>', 'MalformedXML'],
  ['another document', '<Nothing/>', 'MalformedXML'],
  ['no document', '', 'MalformedXML'],
]

for (const [what, body, code] of refusedDocuments)
  test(`${what} in a tagging document is refused, and the tags stay`, async () => {
    await using s3 = await withObject()
    const put = await s3.ask('PUT', '/bucket/k?tagging', { body })
    assert.deepEqual([put.status, put.code], [400, code])
    assert.deepEqual(await tagsOf(s3, '/bucket/k'), { a: '1', b: 'ä +' })
  })

test('a refused tag is named', async () => {
  await using s3 = await withObject()
  const put = await s3.ask('PUT', '/bucket/k?tagging', { body: document(['k!', 'v']) })
  assert.deepEqual(texts(put.text, 'TagKey'), ['k!'])
  assert.deepEqual(texts(put.text, 'TagValue'), ['v'])
})

const refusedHeaders: [header: string, code: string][] = [
  ['a=1&a=2', 'InvalidArgument'],
  ['a=%zz', 'InvalidArgument'],
  ['a=%ff', 'InvalidArgument'],
  ['a=\u00e4', 'InvalidArgument'],
  ['=v', 'InvalidTag'],
  ['a=%3C', 'InvalidTag'],
  [Array.from({ length: 11 }, (_, at) => `k${at}=v`).join('&'), 'InvalidTag'],
]

test('an x-amz-tagging header that is none is refused wherever an object is written', async () => {
  await using s3 = await withObject()
  for (const [header, code] of refusedHeaders) {
    const headers = { 'x-amz-tagging': header }
    assert.equal((await s3.ask('PUT', '/bucket/new', { body: 'x', headers })).code, code, header)
    assert.equal((await s3.ask('POST', '/bucket/new?uploads', { headers })).code, code, header)
    const copy = { ...headers, 'x-amz-copy-source': '/bucket/k', 'x-amz-tagging-directive': 'REPLACE' }
    assert.equal((await s3.ask('PUT', '/bucket/new', { headers: copy })).code, code, header)
  }
  assert.equal((await s3.ask('HEAD', '/bucket/new')).status, 404)
})

test('tags that are sent as the UTF-8 that they are mean the same', async () => {
  await using s3 = await withObject()
  const header = Buffer.from('größe=sehr+%67roß', 'utf8').toString('latin1')
  await s3.ask('PUT', '/bucket/new', { body: 'x', headers: { 'x-amz-tagging': header } })
  const { text } = await s3.ask('GET', '/bucket/new?tagging')
  assert.match(text, /<Key>größe<\/Key><Value>sehr groß<\/Value>/)
})

test("a copy has the source's tags, or with REPLACE those of the request, whatever becomes of the metadata", async () => {
  await using s3 = await withObject()
  const copy = async (headers: Record<string, string>) => {
    const answer = await s3.ask('PUT', '/bucket/copy', {
      headers: { 'x-amz-copy-source': '/bucket/k', ...headers },
    })
    assert.equal(answer.status, 200, answer.text)
    return tagsOf(s3, '/bucket/copy')
  }
  const source = { a: '1', b: 'ä +' }
  assert.deepEqual(await copy({}), source)
  assert.deepEqual(await copy({ 'x-amz-tagging': 'c=3' }), source)
  assert.deepEqual(await copy({ 'x-amz-metadata-directive': 'REPLACE' }), source)
  assert.deepEqual(await copy({ 'x-amz-tagging-directive': 'REPLACE', 'x-amz-tagging': 'c=3' }), { c: '3' })
  assert.deepEqual(await copy({ 'x-amz-tagging-directive': 'REPLACE' }), {})
})

test('a completed upload has the tags it was begun with', async () => {
  await using s3 = await withObject()
  const begun = await s3.ask('POST', '/bucket/parts?uploads', { headers: { 'x-amz-tagging': 'a=b' } })
  const [id] = texts(begun.text, 'UploadId')
  const part = await s3.ask('PUT', `/bucket/parts?partNumber=1&uploadId=${id}`, { body: 'x' })
  const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers['etag']}</ETag></Part></CompleteMultipartUpload>`
  assert.equal((await s3.ask('POST', `/bucket/parts?uploadId=${id}`, { body })).status, 200)
  assert.deepEqual(await tagsOf(s3, '/bucket/parts'), { a: 'b' })
})

test('tags that come with a write need their own right', async () => {
  const asked: string[] = []
  await using s3 = await S3InMemory.open({
    authenticate: () => owner,
    authorize: ({ action }) => asked.push(action) > 0 && action !== 's3:PutObjectTagging',
  })
  await s3.ask('PUT', '/bucket')
  const refused = await s3.ask('PUT', '/bucket/k', { body: 'x', headers: { 'x-amz-tagging': 'a=b' } })
  assert.equal(refused.code, 'AccessDenied')
  assert.equal((await s3.ask('PUT', '/bucket/k', { body: 'x' })).status, 200)
})

test('a bucket has tags of its own, until they are deleted or it is', async () => {
  await using s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  const none = await s3.ask('GET', '/bucket?tagging')
  assert.deepEqual([none.status, none.code], [404, 'NoSuchTagSet'])
  assert.equal((await s3.ask('PUT', '/bucket?tagging', { body: document(['a', '1']) })).status, 204)
  assert.equal((await s3.ask('PUT', '/bucket?tagging', { body: document(['b', '2']) })).status, 204)
  assert.deepEqual(await tagsOf(s3, '/bucket'), { b: '2' })
  assert.equal((await s3.ask('PUT', '/bucket?tagging', { body: document(['b!', '2']) })).code, 'InvalidTag')
  assert.deepEqual(await tagsOf(s3, '/bucket'), { b: '2' })
  assert.equal((await s3.ask('DELETE', '/bucket?tagging')).status, 204)
  assert.equal((await s3.ask('GET', '/bucket?tagging')).code, 'NoSuchTagSet')
  await s3.ask('PUT', '/bucket?tagging', { body: document(['c', '3']) })
  await s3.ask('DELETE', '/bucket')
  assert.equal((await s3.ask('GET', '/bucket?tagging')).code, 'NoSuchBucket')
  await s3.ask('PUT', '/bucket')
  assert.equal((await s3.ask('GET', '/bucket?tagging')).code, 'NoSuchTagSet')
})

test('a bucket may be created with tags, and is not with tags that are none', async () => {
  await using s3 = await S3InMemory.open()
  const create = (...tags: [string, string][]) =>
    s3.ask('PUT', '/bucket', {
      body: `<CreateBucketConfiguration>${document(...tags)
        .replaceAll('TagSet', 'Tags')
        .replaceAll(/<.?Tagging>/g, '')}</CreateBucketConfiguration>`,
    })
  assert.equal((await create(['a', '1'], ['a', '2'])).code, 'InvalidTag')
  const many = Array.from({ length: 51 }, (_, at) => [`k${at}`, 'v'] as [string, string])
  assert.deepEqual((await create(...many)).code, 'BadRequest')
  assert.equal((await s3.ask('HEAD', '/bucket')).status, 404)
  assert.equal((await create(['a', '1'])).status, 200)
  assert.deepEqual(await tagsOf(s3, '/bucket'), { a: '1' })
})

test('S3 Express mode has no tags', async () => {
  await using s3 = await S3InMemory.open({ profile: 'express' })
  await s3.ask('PUT', '/bucket')
  const put = await s3.ask('PUT', '/bucket/k', { body: 'x', headers: { 'x-amz-tagging': 'a=b' } })
  assert.deepEqual([put.status, put.code], [501, 'NotImplemented'])
})
