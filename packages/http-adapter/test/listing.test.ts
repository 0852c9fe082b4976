import assert from 'node:assert/strict'
import test from 'node:test'
import { S3InMemory, texts } from './s3-in-memory.js'

async function withKeys(keys: readonly string[]): Promise<S3InMemory> {
  const s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  for (const key of keys) await s3.engine.bucket('bucket').put(key, Buffer.from(key))
  return s3
}

const keys = ['a', 'b/1', 'b/2', 'c', 'd/x/1', 'd/y', 'e']
const prefixes = (xml: string): string[] =>
  texts(xml, 'CommonPrefixes').flatMap((inner) => texts(inner, 'Prefix'))
const found = (xml: string): string[] => [...texts(xml, 'Key'), ...prefixes(xml)].sort()

test('the first version of the listing has its shape', async () => {
  await using s3 = await withKeys(['a'])
  const { text, headers } = await s3.ask('GET', '/bucket')
  assert.equal(headers['content-type'], 'application/xml')
  assert.match(
    text,
    /^<\?xml version="1.0" encoding="UTF-8"\?>\n<ListBucketResult xmlns="http:\/\/s3.amazonaws.com\/doc\/2006-03-01\/"><Name>bucket<\/Name><Prefix><\/Prefix><Marker><\/Marker><MaxKeys>1000<\/MaxKeys><IsTruncated>false<\/IsTruncated><Contents><Key>a<\/Key><LastModified>[\d-]+T[\d:.]+Z<\/LastModified><ETag>&quot;0cc175b9c0f1b6a831c399e269772661&quot;<\/ETag><ChecksumAlgorithm>CRC64NVME<\/ChecksumAlgorithm><ChecksumType>FULL_OBJECT<\/ChecksumType><Size>1<\/Size><Owner><ID>owner-id<\/ID><DisplayName>owner<\/DisplayName><\/Owner><StorageClass>STANDARD<\/StorageClass><\/Contents><\/ListBucketResult>$/,
  )
})

test('the second version counts, and names owners only when asked', async () => {
  await using s3 = await withKeys(keys)
  const plain = await s3.ask('GET', '/bucket?list-type=2&delimiter=/')
  assert.deepEqual(texts(plain.text, 'KeyCount'), ['5'])
  assert.deepEqual(texts(plain.text, 'Delimiter'), ['/'])
  assert.deepEqual(texts(plain.text, 'Owner'), [])
  for (const absent of [
    'Marker',
    'NextMarker',
    'ContinuationToken',
    'NextContinuationToken',
    'StartAfter',
    'EncodingType',
  ])
    assert.deepEqual(texts(plain.text, absent), [], absent)
  const owned = await s3.ask('GET', '/bucket?list-type=2&fetch-owner=true')
  assert.equal(texts(owned.text, 'Owner').length, 7)
  assert.equal((await s3.ask('GET', '/bucket?list-type=3')).code, 'InvalidArgument')
})

test('prefix and delimiter roll up what lies below', async () => {
  await using s3 = await withKeys(keys)
  const list = async (query: string) => found((await s3.ask('GET', `/bucket?list-type=2&${query}`)).text)
  assert.deepEqual(await list('delimiter=/'), ['a', 'b/', 'c', 'd/', 'e'])
  assert.deepEqual(await list('delimiter=/&prefix=d/'), ['d/x/', 'd/y'])
  assert.deepEqual(await list('prefix=d/'), ['d/x/1', 'd/y'])
  assert.deepEqual(await list('delimiter=x/'), ['a', 'b/1', 'b/2', 'c', 'd/x/', 'd/y', 'e'])
  assert.deepEqual(await list('delimiter='), keys)
  assert.deepEqual(await list('prefix=zzz'), [])
})

for (const form of ['', 'list-type=2&']) {
  test(`pages of any size give the whole, in order, with ${form || 'the first version'}`, async () => {
    await using s3 = await withKeys(keys)
    for (const delimiter of ['', '/']) {
      const whole = found((await s3.ask('GET', `/bucket?${form}delimiter=${delimiter}`)).text)
      for (const size of [1, 2, 3, 7]) {
        const gathered: string[] = []
        let place = ''
        for (;;) {
          const { text } = await s3.ask(
            'GET',
            `/bucket?${form}max-keys=${size}&delimiter=${delimiter}${place}`,
          )
          const page = [...texts(text, 'Key'), ...prefixes(text)]
          assert.ok(page.length <= size)
          gathered.push(...page)
          if (texts(text, 'IsTruncated')[0] === 'false') break
          const next =
            form === ''
              ? (texts(text, 'NextMarker')[0] ?? texts(text, 'Key').at(-1))
              : texts(text, 'NextContinuationToken')[0]
          place = `&${form === '' ? 'marker' : 'continuation-token'}=${encodeURIComponent(next!)}`
        }
        assert.deepEqual(gathered.sort(), whole)
      }
    }
  })
}

test('a marker need not exist; NextMarker comes only with a delimiter', async () => {
  await using s3 = await withKeys(keys)
  const list = async (query: string) => (await s3.ask('GET', `/bucket?${query}`)).text
  assert.deepEqual(texts(await list('marker=bb'), 'Key'), ['c', 'd/x/1', 'd/y', 'e'])
  assert.deepEqual(texts(await list('marker=zzz'), 'Key'), [])
  assert.deepEqual(texts(await list('prefix=d/&marker=a'), 'Key'), ['d/x/1', 'd/y'])
  assert.deepEqual(texts(await list('prefix=d/&marker=e'), 'Key'), [])
  assert.deepEqual(found(await list('delimiter=/&marker=b/')), ['c', 'd/', 'e'])
  assert.deepEqual(found(await list('delimiter=/&marker=b/1')), ['c', 'd/', 'e'])
  assert.deepEqual(texts(await list('max-keys=1'), 'NextMarker'), [])
  assert.deepEqual(texts(await list('max-keys=2&delimiter=/'), 'NextMarker'), ['b/'])
})

test('start-after counts until there is a token, and an empty token is none', async () => {
  await using s3 = await withKeys(keys)
  const first = (await s3.ask('GET', '/bucket?list-type=2&start-after=b/1&max-keys=1')).text
  assert.deepEqual(texts(first, 'Key'), ['b/2'])
  assert.deepEqual(texts(first, 'StartAfter'), ['b/1'])
  const [token] = texts(first, 'NextContinuationToken')
  const second = (
    await s3.ask('GET', `/bucket?list-type=2&start-after=b/1&max-keys=1&continuation-token=${token}`)
  ).text
  assert.deepEqual(texts(second, 'Key'), ['c'])
  assert.deepEqual(texts(second, 'ContinuationToken'), [token])
  const empty = (await s3.ask('GET', '/bucket?list-type=2&continuation-token=')).text
  assert.deepEqual(texts(empty, 'Key'), keys)
  assert.deepEqual(texts(empty, 'ContinuationToken'), [''])
  const wrong = await s3.ask('GET', '/bucket?list-type=2&continuation-token=AAAA')
  assert.equal(wrong.status, 400)
  assert.match(wrong.text, /The continuation token provided is incorrect/)
})

test('page sizes are clipped to a thousand; none is a page of none; what is no number is refused', async () => {
  await using s3 = await withKeys(['a'])
  const clipped = (await s3.ask('GET', '/bucket?max-keys=5000')).text
  assert.deepEqual(texts(clipped, 'MaxKeys'), ['1000'])
  const none = (await s3.ask('GET', '/bucket?list-type=2&max-keys=0')).text
  assert.deepEqual(texts(none, 'KeyCount'), ['0'])
  assert.deepEqual(texts(none, 'IsTruncated'), ['false'])
  assert.equal((await s3.ask('GET', '/absent?max-keys=0')).code, 'NoSuchBucket')
  for (const wrong of ['-1', '+1', '1.5', 'x', '%201', '2147483648']) {
    const answer = await s3.ask('GET', `/bucket?max-keys=${wrong}`)
    assert.equal(answer.code, 'InvalidArgument', wrong)
    assert.deepEqual(texts(answer.text, 'ArgumentName'), ['maxKeys'])
  }
})

test('encoding-type=url encodes keys, prefixes and markers, and nothing else', async () => {
  await using s3 = await withKeys(['a b', 'ü+/1', '\u0001'])
  const { text } = await s3.ask('GET', '/bucket?encoding-type=url&delimiter=%2B/&marker=%00&prefix=')
  assert.deepEqual(texts(text, 'EncodingType'), ['url'])
  assert.deepEqual(texts(text, 'Key'), ['%01', 'a%20b'])
  assert.deepEqual(prefixes(text), ['%C3%BC%2B/'])
  assert.deepEqual(texts(text, 'Delimiter'), ['%2B/'])
  assert.deepEqual(texts(text, 'Marker'), ['%00'])
  const plain = await s3.ask('GET', '/bucket')
  assert.ok(plain.text.includes('<Key>&#x1;</Key>'))
  assert.equal((await s3.ask('GET', '/bucket?encoding-type=base64')).code, 'InvalidArgument')
})

test('a bucket that is not there has no listing', async () => {
  await using s3 = await S3InMemory.open()
  for (const query of ['', '?list-type=2', '?uploads']) {
    const answer = await s3.ask('GET', `/absent${query}`)
    assert.equal(answer.status, 404)
    assert.equal(answer.code, 'NoSuchBucket')
    assert.deepEqual(texts(answer.text, 'BucketName'), ['absent'])
  }
})

test('objects stand before common prefixes, uploads too', async () => {
  await using s3 = await withKeys(['a/1', 'b', 'c/1', 'd'])
  for (const key of ['a/1', 'b']) await s3.ask('POST', `/bucket/${key}?uploads`)
  const roots = (text: string) =>
    [...text.matchAll(/<(Contents|Upload|CommonPrefixes)>/g)].map(([, name]) => name)
  for (const query of ['', '&list-type=2'])
    assert.deepEqual(roots((await s3.ask('GET', `/bucket?delimiter=/${query}`)).text), [
      'Contents',
      'Contents',
      'CommonPrefixes',
      'CommonPrefixes',
    ])
  const uploads = (await s3.ask('GET', '/bucket?uploads&delimiter=/')).text
  assert.deepEqual(roots(uploads), ['Upload', 'CommonPrefixes'])
})

test('a prefix that no key can have is refused', async () => {
  await using s3 = await withKeys([])
  assert.equal((await s3.ask('GET', `/bucket?prefix=${'p'.repeat(1_024)}`)).status, 200)
  for (const query of ['', '&list-type=2', '&uploads'])
    assert.equal(
      (await s3.ask('GET', `/bucket?prefix=${'p'.repeat(1_025)}${query}`)).code,
      'KeyTooLongError',
      query,
    )
})
