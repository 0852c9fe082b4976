import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { crc32 } from 'node:zlib'
import { type Asked, S3InMemory, texts } from './s3-in-memory.js'

const MiB = 1024 ** 2
const first = Buffer.alloc(5 * MiB, 'first ')
const second = Buffer.from('the second part')
const md5 = (bytes: Uint8Array): Buffer => createHash('md5').update(bytes).digest()

async function withUpload(
  headers: Record<string, string> = {},
): Promise<{ s3: S3InMemory; url: string; uploadId: string } & AsyncDisposable> {
  const s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  const begun = await s3.ask('POST', '/bucket/dir/big?uploads', { headers })
  assert.equal(begun.status, 200, begun.text)
  const uploadId = texts(begun.text, 'UploadId')[0]!
  return {
    s3,
    uploadId,
    url: `/bucket/dir/big?uploadId=${uploadId}`,
    [Symbol.asyncDispose]: () => s3[Symbol.asyncDispose](),
  }
}

const putPart = (
  s3: S3InMemory,
  url: string,
  number: number,
  body: Uint8Array,
  headers: Record<string, string> = {},
) => s3.ask('PUT', `${url}&partNumber=${number}`, { body, headers })

const completion = (parts: readonly [number: number, etag: string, more?: string][]): string =>
  `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts
    .map(
      ([number, etag, more = '']) =>
        `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag>${more}</Part>`,
    )
    .join('')}</CompleteMultipartUpload>`

async function putBoth(s3: S3InMemory, url: string): Promise<[number, string][]> {
  const one = await putPart(s3, url, 1, first)
  const two = await putPart(s3, url, 2, second)
  return [
    [1, one.headers['etag']!],
    [2, two.headers['etag']!],
  ]
}

test('parts become one object, which keeps what the upload was begun with', async () => {
  await using upload = await withUpload({ 'content-type': 'a/b', 'x-amz-meta-a': '1' })
  const { s3, url } = upload
  const parts = await putBoth(s3, url)
  assert.equal(parts[1]![1], `"${md5(second).toString('hex')}"`)
  assert.equal((await s3.ask('GET', '/bucket/dir/big')).code, 'NoSuchKey')
  const done = await s3.ask('POST', url, { body: completion(parts) })
  const etag = `${createHash('md5')
    .update(Buffer.concat([md5(first), md5(second)]))
    .digest('hex')}-2`
  assert.equal(done.status, 200, done.text)
  assert.match(
    done.text,
    new RegExp(
      `<CompleteMultipartUploadResult xmlns="[^"]+"><Location>http://s3.test:9000/bucket/dir/big</Location><Bucket>bucket</Bucket><Key>dir/big</Key><ETag>&quot;${etag}&quot;</ETag>`,
    ),
  )
  const got = await s3.ask('GET', '/bucket/dir/big')
  assert.ok(got.bytes.equals(Buffer.concat([first, second])))
  assert.equal(got.headers['etag'], `"${etag}"`)
  assert.equal(got.headers['content-type'], 'a/b')
  assert.equal(got.headers['x-amz-meta-a'], '1')
  const part = await s3.ask('GET', '/bucket/dir/big?partNumber=2')
  assert.equal(part.status, 206)
  assert.equal(part.text, second.toString())
  assert.equal(part.headers['x-amz-mp-parts-count'], '2')
  assert.equal(
    part.headers['content-range'],
    `bytes ${first.length}-${first.length + second.length - 1}/${first.length + second.length}`,
  )
  const head = await s3.ask('HEAD', '/bucket/dir/big?partNumber=1')
  assert.equal(head.status, 206)
  assert.equal(head.headers['content-length'], String(first.length))
  assert.equal((await s3.ask('GET', '/bucket/dir/big?partNumber=3')).status, 416)
  const attributes = await s3.ask('GET', '/bucket/dir/big?attributes', {
    headers: { 'x-amz-object-attributes': 'ObjectParts' },
  })
  assert.match(
    attributes.text,
    /<ObjectParts><PartsCount>2<\/PartsCount><PartNumberMarker>0<\/PartNumberMarker><NextPartNumberMarker>2<\/NextPartNumberMarker><MaxParts>1000<\/MaxParts><IsTruncated>false<\/IsTruncated>/,
  )
  const again = await s3.ask('POST', url, { body: completion(parts) })
  assert.equal(again.status, 200, 'asking again gives the same answer')
})

test('parts and uploads are listed, in pages', async () => {
  await using upload = await withUpload()
  const { s3, url, uploadId } = upload
  await putBoth(s3, url)
  const all = await s3.ask('GET', url)
  assert.match(
    all.text,
    /<ListPartsResult xmlns="[^"]+"><Bucket>bucket<\/Bucket><Key>dir\/big<\/Key><UploadId>[^<]+<\/UploadId><Initiator><ID>owner-id<\/ID><DisplayName>owner<\/DisplayName><\/Initiator><Owner><ID>owner-id<\/ID><DisplayName>owner<\/DisplayName><\/Owner><StorageClass>STANDARD<\/StorageClass><PartNumberMarker>0<\/PartNumberMarker><NextPartNumberMarker>2<\/NextPartNumberMarker><MaxParts>1000<\/MaxParts><IsTruncated>false<\/IsTruncated><Part>/,
  )
  assert.deepEqual(texts(all.text, 'Size'), [String(first.length), String(second.length)])
  const page = await s3.ask('GET', `${url}&max-parts=1`)
  assert.deepEqual(texts(page.text, 'PartNumber'), ['1'])
  assert.deepEqual(texts(page.text, 'IsTruncated'), ['true'])
  assert.deepEqual(texts((await s3.ask('GET', `${url}&part-number-marker=1`)).text, 'PartNumber'), ['2'])
  assert.equal((await s3.ask('GET', `${url}&part-number-marker=-1`)).code, 'InvalidArgument')
  assert.equal((await s3.ask('GET', `${url}&max-parts=x`)).code, 'InvalidArgument')

  await s3.ask('POST', '/bucket/dir/big?uploads')
  await s3.ask('POST', '/bucket/other?uploads')
  const uploads = await s3.ask('GET', '/bucket?uploads')
  assert.deepEqual(texts(uploads.text, 'Key'), ['dir/big', 'dir/big', 'other'])
  assert.equal(texts(uploads.text, 'UploadId')[0], uploadId)
  assert.match(
    uploads.text,
    /<KeyMarker><\/KeyMarker><UploadIdMarker><\/UploadIdMarker><NextKeyMarker><\/NextKeyMarker><NextUploadIdMarker><\/NextUploadIdMarker><Prefix><\/Prefix>/,
  )
  assert.deepEqual(texts((await s3.ask('GET', '/bucket?uploads&prefix=dir')).text, 'Key'), [
    'dir/big',
    'dir/big',
  ])
  const rolled = await s3.ask('GET', '/bucket?uploads&delimiter=/')
  assert.deepEqual(texts(rolled.text, 'Key'), ['other'])
  assert.match(rolled.text, /<CommonPrefixes><Prefix>dir\/<\/Prefix><\/CommonPrefixes>/)
  const pageOne = await s3.ask('GET', '/bucket?uploads&max-uploads=1')
  const [key] = texts(pageOne.text, 'NextKeyMarker')
  const [id] = texts(pageOne.text, 'NextUploadIdMarker')
  const pageTwo = await s3.ask(
    'GET',
    `/bucket?uploads&max-uploads=9&key-marker=${encodeURIComponent(key!)}&upload-id-marker=${id}`,
  )
  assert.deepEqual(texts(pageTwo.text, 'Key'), ['dir/big', 'other'])
  assert.deepEqual(texts((await s3.ask('GET', `/bucket?uploads&key-marker=dir/big`)).text, 'Key'), ['other'])
  const wrong = await s3.ask('GET', '/bucket?uploads&key-marker=dir/big&upload-id-marker=nonsense')
  assert.equal(wrong.code, 'InvalidArgument')
  assert.deepEqual(
    texts((await s3.ask('GET', '/bucket?uploads&upload-id-marker=x')).text, 'UploadIdMarker'),
    [''],
  )
})

test('an aborted upload is gone', async () => {
  await using upload = await withUpload()
  const { s3, url } = upload
  const parts = await putBoth(s3, url)
  assert.equal((await s3.ask('DELETE', url)).status, 204)
  for (const [method, asked] of [
    ['DELETE', {}],
    ['GET', {}],
    ['POST', { body: completion(parts) }],
  ] as [string, Asked][]) {
    const answer = await s3.ask(method, url, asked)
    assert.equal(answer.status, 404)
    assert.equal(answer.code, 'NoSuchUpload')
    assert.equal(texts(answer.text, 'UploadId').length, 1)
  }
  assert.equal((await putPart(s3, url, 1, second)).code, 'NoSuchUpload')
})

test('an upload belongs to its key: under another it does not exist', async () => {
  await using upload = await withUpload()
  const { s3, url } = upload
  assert.equal((await putPart(s3, url.replace('big', 'bigger'), 1, second)).code, 'NoSuchUpload')
})

const partNumbers: [number: string, code: string | undefined][] = [
  ['1', undefined],
  ['10000', undefined],
  ['0', 'InvalidArgument'],
  ['10001', 'InvalidArgument'],
  ['-1', 'InvalidArgument'],
  ['x', 'InvalidArgument'],
  ['1.5', 'InvalidArgument'],
  ['', 'InvalidArgument'],
]
for (const [number, code] of partNumbers) {
  test(`part number "${number}" is ${code ?? 'accepted'}`, async () => {
    await using upload = await withUpload()
    const answer = await upload.s3.ask('PUT', `${upload.url}&partNumber=${number}`, { body: 'x' })
    assert.equal(answer.code, code, answer.text)
  })
}

type Parts = readonly [number: number, etag: string, more?: string][]
const refusedCompletions: [what: string, change: (parts: Parts) => string, code: string][] = [
  ['no part', () => completion([]), 'MalformedXML'],
  ['no body', () => '', 'MalformedXML'],
  ['broken XML', (parts) => completion(parts).slice(0, -5), 'MalformedXML'],
  ['parts in another order', ([one, two]) => completion([two!, one!]), 'InvalidPartOrder'],
  ["another part's ETag", ([one]) => completion([one!, [2, one![1]]]), 'InvalidPart'],
  [
    'a part that is not there',
    ([one]) => completion([one!, [3, '"0cc175b9c0f1b6a831c399e269772661"']]),
    'InvalidPart',
  ],
  ['part number 0', ([one]) => completion([[0, one![1]]]), 'InvalidArgument'],
  ['part number 10001', ([one]) => completion([[10_001, one![1]]]), 'InvalidArgument'],
  ['a part number that is none', ([one]) => completion([['x' as never, one![1]]]), 'MalformedXML'],
]
for (const [what, change, code] of refusedCompletions) {
  test(`a completion with ${what} is refused with ${code}, and the upload goes on`, async () => {
    await using upload = await withUpload()
    const { s3, url } = upload
    const parts = await putBoth(s3, url)
    const answer = await s3.ask('POST', url, { body: change(parts) })
    assert.equal(answer.code, code, answer.text)
    assert.equal((await s3.ask('GET', '/bucket/dir/big')).code, 'NoSuchKey')
    assert.equal((await s3.ask('POST', url, { body: completion(parts) })).status, 200)
  })
}

test('a part that is too small, and is not the last, is named', async () => {
  await using upload = await withUpload()
  const { s3, url } = upload
  const one = (await putPart(s3, url, 1, second)).headers['etag']!
  const two = (await putPart(s3, url, 2, second)).headers['etag']!
  const answer = await s3.ask('POST', url, {
    body: completion([
      [1, one],
      [2, two],
    ]),
  })
  assert.equal(answer.status, 400)
  assert.equal(answer.code, 'EntityTooSmall')
  assert.deepEqual(texts(answer.text, 'ProposedSize'), [String(second.length)])
  assert.deepEqual(texts(answer.text, 'MinSizeAllowed'), [String(5 * MiB)])
  assert.deepEqual(texts(answer.text, 'PartNumber'), ['1'])
})

test('the size and the conditions of a completion are kept to', async () => {
  await using upload = await withUpload()
  const { s3, url } = upload
  const body = completion(await putBoth(s3, url))
  const complete = (headers: Record<string, string>) => s3.ask('POST', url, { body, headers })
  assert.equal((await complete({ 'x-amz-mp-object-size': '5' })).code, 'InvalidRequest')
  assert.equal((await complete({ 'x-amz-mp-object-size': 'x' })).code, 'InvalidArgument')
  assert.equal((await complete({ 'if-match': '"x"' })).code, 'NoSuchKey')
  await s3.ask('PUT', '/bucket/dir/big', { body: 'meanwhile' })
  assert.equal((await complete({ 'if-none-match': '*' })).status, 412)
  assert.equal((await s3.ask('GET', '/bucket/dir/big')).text, 'meanwhile')
  assert.equal((await complete({ 'x-amz-mp-object-size': String(first.length + second.length) })).status, 200)
})

test('checksums of parts make the checksum of the whole', async () => {
  await using upload = await withUpload({ 'x-amz-checksum-algorithm': 'CRC32' })
  const { s3, url } = upload
  const part = await putPart(s3, url, 1, Buffer.from('123456789'), { 'x-amz-checksum-crc32': 'y/Q5Jg==' })
  assert.equal(part.headers['x-amz-checksum-crc32'], 'y/Q5Jg==')
  assert.deepEqual(texts((await s3.ask('GET', url)).text, 'ChecksumCRC32'), ['y/Q5Jg=='])
  const listed = (await s3.ask('GET', url)).text
  assert.match(
    listed,
    /<ChecksumAlgorithm>CRC32<\/ChecksumAlgorithm><ChecksumType>COMPOSITE<\/ChecksumType><Part>/,
  )
  assert.match((await s3.ask('GET', '/bucket?uploads')).text, /<ChecksumAlgorithm>CRC32<\/ChecksumAlgorithm>/)
  const etag = part.headers['etag']!
  const lacking = await s3.ask('POST', url, { body: completion([[1, etag]]) })
  assert.equal(lacking.code, 'InvalidRequest')
  const wrong = await s3.ask('POST', url, {
    body: completion([[1, etag, '<ChecksumCRC32>AAAAAA==</ChecksumCRC32>']]),
  })
  assert.equal(wrong.code, 'InvalidPart')
  const body = completion([[1, etag, '<ChecksumCRC32>y/Q5Jg==</ChecksumCRC32>']])
  const bad = await s3.ask('POST', url, { body, headers: { 'x-amz-checksum-crc32': 'AAAAAA==-1' } })
  assert.equal(bad.code, 'BadDigest')
  const done = await s3.ask('POST', url, { body })
  assert.equal(done.status, 200, done.text)
  assert.deepEqual(texts(done.text, 'ChecksumType'), ['COMPOSITE'])
  assert.match(texts(done.text, 'ChecksumCRC32')[0]!, /==-1$/)
  const head = await s3.ask('HEAD', '/bucket/dir/big', { headers: { 'x-amz-checksum-mode': 'ENABLED' } })
  assert.equal(head.headers['x-amz-checksum-crc32'], texts(done.text, 'ChecksumCRC32')[0])
  assert.equal(head.headers['x-amz-checksum-type'], 'COMPOSITE')
  const attributes = (headers: Record<string, string>) =>
    s3.ask('GET', '/bucket/dir/big?attributes', {
      headers: { 'x-amz-object-attributes': 'ObjectParts', ...headers },
    })
  assert.match(
    (await attributes({})).text,
    /<Part><PartNumber>1<\/PartNumber><Size>9<\/Size><ChecksumCRC32>y\/Q5Jg==<\/ChecksumCRC32><\/Part><\/ObjectParts>/,
  )
  assert.deepEqual(texts((await attributes({ 'x-amz-part-number-marker': '1' })).text, 'Part'), [])
  assert.deepEqual(texts((await attributes({ 'x-amz-max-parts': '0' })).text, 'IsTruncated'), ['true'])
  assert.equal((await attributes({ 'x-amz-max-parts': 'x' })).code, 'InvalidArgument')
})

test('the algorithm and type of an upload are told, and must fit', async () => {
  await using s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  const begin = (headers: Record<string, string>) => s3.ask('POST', '/bucket/k?uploads', { headers })
  const good = await begin({ 'x-amz-checksum-algorithm': 'CRC64NVME' })
  assert.equal(good.headers['x-amz-checksum-algorithm'], 'CRC64NVME')
  assert.equal(good.headers['x-amz-checksum-type'], 'FULL_OBJECT')
  const other = await begin({ 'x-amz-checksum-algorithm': 'CRC32' })
  assert.equal(other.headers['x-amz-checksum-type'], 'COMPOSITE')
  assert.equal((await begin({ 'x-amz-checksum-type': 'COMPOSITE' })).code, 'InvalidRequest')
  assert.equal(
    (await begin({ 'x-amz-checksum-algorithm': 'CRC64NVME', 'x-amz-checksum-type': 'COMPOSITE' })).code,
    'InvalidRequest',
  )
  assert.equal((await begin({ 'x-amz-checksum-algorithm': 'CRC99' })).code, 'InvalidRequest')
  assert.equal(
    (await begin({ 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': 'HALF' })).code,
    'InvalidRequest',
  )
})

test('a part may be copied from an object, or from a stretch of one', async () => {
  await using upload = await withUpload()
  const { s3, url } = upload
  await s3.ask('PUT', '/bucket/source', { body: '0123456789' })
  const copy = (headers: Record<string, string>) =>
    s3.ask('PUT', `${url}&partNumber=1`, { headers: { 'x-amz-copy-source': '/bucket/source', ...headers } })
  const whole = await copy({})
  assert.equal(whole.status, 200, whole.text)
  assert.match(
    whole.text,
    /<CopyPartResult xmlns="[^"]+"><LastModified>[^<]+<\/LastModified><ETag>&quot;[0-9a-f]{32}&quot;<\/ETag>/,
  )
  const part = await copy({ 'x-amz-copy-source-range': 'bytes=2-5' })
  const etag = texts(part.text, 'ETag')[0]!
  for (const range of ['bytes=2-', '2-5', 'bytes=5-2']) {
    const wrong = await copy({ 'x-amz-copy-source-range': range })
    assert.equal(wrong.code, 'InvalidArgument', range)
  }
  for (const range of ['bytes=10-12', 'bytes=9-10', 'bytes=0-10']) {
    const beyond = await copy({ 'x-amz-copy-source-range': range })
    assert.equal(beyond.code, 'InvalidArgument', range)
    assert.match(beyond.text, /Range specified is not valid for source object of size: 10/)
  }
  assert.equal((await copy({ 'x-amz-copy-source-if-match': '"x"' })).status, 412)
  assert.equal((await copy({ 'x-amz-copy-source': '/bucket/absent' })).code, 'NoSuchKey')
  await s3.ask('POST', url, { body: completion([[1, etag]]) })
  assert.equal((await s3.ask('GET', '/bucket/dir/big')).text, '2345')
})

test('of parts with composite checksums none comes without its own, and none is missing', async () => {
  await using upload = await withUpload({ 'x-amz-checksum-algorithm': 'CRC32' })
  const { s3, url } = upload
  const without = await putPart(s3, url, 1, Buffer.from('123456789'))
  assert.equal(without.code, 'InvalidRequest')
  assert.match(without.text, /expected checksum Type: crc32, actual checksum Type: null/)
  const checksum = { 'x-amz-checksum-crc32': 'y/Q5Jg==' }
  const second = await putPart(s3, url, 2, Buffer.from('123456789'), checksum)
  const body = completion([[2, second.headers['etag']!, '<ChecksumCRC32>y/Q5Jg==</ChecksumCRC32>']])
  assert.equal((await s3.ask('POST', url, { body })).code, 'InvalidPartOrder')
})

test('a completion is refused with the checksum of an algorithm that the upload does not have', async () => {
  await using upload = await withUpload({ 'x-amz-checksum-algorithm': 'CRC64NVME' })
  const { s3, url } = upload
  const part = await putPart(s3, url, 1, Buffer.from('123456789'))
  const body = completion([[1, part.headers['etag']!]])
  const complete = (headers: Record<string, string>) => s3.ask('POST', url, { body, headers })
  assert.equal((await complete({ 'x-amz-checksum-crc32': 'y/Q5Jg==' })).code, 'InvalidRequest')
  assert.equal((await complete({ 'x-amz-checksum-crc64nvme': 'AAAAAAAAAAA=' })).code, 'BadDigest')
  assert.equal((await complete({ 'x-amz-checksum-crc64nvme': 'rosUhgp5mIg=' })).status, 200)
})

test('attributes tell parts a page at a time', async () => {
  await using upload = await withUpload({ 'x-amz-checksum-algorithm': 'CRC64NVME' })
  const { s3, url } = upload
  await s3.ask('POST', url, { body: completion(await putBoth(s3, url)) })
  const page = async (headers: Record<string, string>) => {
    const asked = { 'x-amz-object-attributes': 'ObjectParts,Checksum,ETag', ...headers }
    const { text } = await s3.ask('GET', '/bucket/dir/big?attributes', { headers: asked })
    const one = (name: string) => texts(text, name)[0]
    assert.equal(one('PartsCount'), '2')
    assert.equal(one('ChecksumType'), 'FULL_OBJECT')
    assert.match(one('ETag')!, /^[0-9a-f]{32}-2$/)
    return [texts(text, 'PartNumber').join(), one('NextPartNumberMarker'), one('IsTruncated')]
  }
  assert.deepEqual(await page({}), ['1,2', '2', 'false'])
  assert.deepEqual(await page({ 'x-amz-max-parts': '1' }), ['1', '1', 'true'])
  assert.deepEqual(await page({ 'x-amz-max-parts': '1', 'x-amz-part-number-marker': '1' }), [
    '2',
    '2',
    'false',
  ])
  assert.deepEqual(await page({ 'x-amz-part-number-marker': '2' }), ['', '0', 'false'])
})

test('a part that is read comes with its own checksum, and any other stretch with none', async () => {
  await using upload = await withUpload({
    'x-amz-checksum-algorithm': 'CRC32',
    'x-amz-checksum-type': 'FULL_OBJECT',
  })
  const { s3, url } = upload
  const parts = await putBoth(s3, url)
  await s3.ask('POST', url, { body: completion(parts) })
  const crc32Of = async (query: string, headers: Record<string, string> = {}) => {
    const sent = { 'x-amz-checksum-mode': 'ENABLED', ...headers }
    const [got, head] = [
      await s3.ask('GET', `/bucket/dir/big${query}`, { headers: sent }),
      await s3.ask('HEAD', `/bucket/dir/big${query}`, { headers: sent }),
    ]
    const found = got.headers['x-amz-checksum-crc32']
    assert.equal(head.headers['x-amz-checksum-crc32'], found)
    assert.equal(got.headers['x-amz-checksum-type'], found && 'FULL_OBJECT')
    return found
  }
  const [ofFirst, ofSecond] = [crc32Text(first), crc32Text(second)]
  assert.equal(await crc32Of('?partNumber=1'), ofFirst)
  assert.equal(await crc32Of('?partNumber=2'), ofSecond)
  assert.equal(await crc32Of('', { range: `bytes=0-${first.length - 1}` }), ofFirst)
  assert.equal(await crc32Of('', { range: `bytes=${first.length}-` }), ofSecond)
  assert.equal(await crc32Of('', { range: `bytes=0-${first.length}` }), undefined)
  assert.equal(await crc32Of('', { range: `bytes=1-${first.length}` }), undefined)
  assert.equal(await crc32Of(''), crc32Text(Buffer.concat([first, second])))
})

const crc32Text = (bytes: Uint8Array): string => {
  const digest = Buffer.alloc(4)
  digest.writeUInt32BE(crc32(bytes))
  return digest.toString('base64')
}

test('with the limits of the AIStor page kept, the prefix is the one key whose uploads are listed', async () => {
  await using s3 = await S3InMemory.open({ pageLimits: 'keep' })
  await s3.ask('PUT', '/bucket')
  for (const key of ['a', 'a', 'a/b', 'ab', 'b']) await s3.ask('POST', `/bucket/${key}?uploads`)
  const list = async (query: string) => (await s3.ask('GET', `/bucket?uploads&${query}`)).text
  assert.deepEqual(texts(await list('prefix=a'), 'Key'), ['a', 'a'])
  assert.deepEqual(texts(await list('prefix=a&delimiter=/'), 'Key'), ['a', 'a'])
  assert.deepEqual(texts(await list('prefix=a/'), 'Key'), [])
  assert.deepEqual(texts(await list(''), 'Key'), ['a', 'a', 'a/b', 'ab', 'b'])
  const first = await list('prefix=a&max-uploads=1')
  assert.deepEqual(texts(first, 'IsTruncated'), ['true'])
  const [id] = texts(first, 'NextUploadIdMarker')
  const second = await list(`prefix=a&max-uploads=1&key-marker=a&upload-id-marker=${id}`)
  assert.deepEqual(texts(second, 'Key'), ['a'])
  assert.notDeepEqual(texts(second, 'UploadId'), texts(first, 'UploadId'))
  assert.deepEqual(texts(second, 'IsTruncated'), ['false'])
  assert.deepEqual(texts(await list('prefix=a&max-uploads=0'), 'Key'), [])
})

test('a checksum that no upload asked for is verified and echoed, and not kept', async () => {
  await using upload = await withUpload()
  const { s3, url } = upload
  const body = Buffer.from('123456789')
  const wrong = await putPart(s3, url, 1, body, { 'x-amz-checksum-crc32': 'AAAAAA==' })
  assert.equal(wrong.code, 'BadDigest')
  const part = await putPart(s3, url, 1, body, { 'x-amz-checksum-crc32': 'y/Q5Jg==' })
  const told = Object.entries(part.headers).filter(([name]) => name.startsWith('x-amz-checksum-'))
  assert.deepEqual(told, [['x-amz-checksum-crc32', 'y/Q5Jg==']])
  assert.deepEqual(texts((await s3.ask('GET', url)).text, 'ChecksumCRC32'), [])
  const done = await s3.ask('POST', url, { body: completion([[1, part.headers['etag']!]]) })
  assert.deepEqual(texts(done.text, 'ChecksumCRC64NVME'), ['rosUhgp5mIg='])
  assert.deepEqual(texts(done.text, 'ChecksumType'), ['FULL_OBJECT'])
})
