import assert from 'node:assert/strict'
import test from 'node:test'
import { S3InMemory, texts } from './s3-in-memory.js'

test('a bucket is made, seen, located and removed', async () => {
  await using s3 = await S3InMemory.open()
  const created = await s3.ask('PUT', '/photos')
  assert.equal(created.status, 200)
  assert.equal(created.headers['location'], '/photos')
  assert.equal(created.headers['x-amz-bucket-arn'], 'arn:aws:s3:::photos')
  assert.equal(created.headers['content-length'], '0')
  const head = await s3.ask('HEAD', '/photos')
  assert.equal(head.status, 200)
  assert.equal(head.headers['x-amz-bucket-region'], 'us-east-1')
  assert.equal(head.headers['x-amz-access-point-alias'], 'false')
  const location = await s3.ask('GET', '/photos?location')
  assert.match(
    location.text,
    /^<\?xml version="1.0" encoding="UTF-8"\?>\n<LocationConstraint xmlns="http:\/\/s3.amazonaws.com\/doc\/2006-03-01\/"><\/LocationConstraint>$/,
  )
  const removed = await s3.ask('DELETE', '/photos')
  assert.equal(removed.status, 204)
  assert.equal(removed.headers['content-length'], undefined)
  assert.equal((await s3.ask('HEAD', '/photos')).status, 404)
})

test('in another region the location has a name', async () => {
  await using s3 = await S3InMemory.open({ region: 'eu-west-1' })
  await s3.ask('PUT', '/photos')
  assert.deepEqual(
    texts((await s3.ask('GET', '/photos?location')).text.replace(/ xmlns="[^"]+"/, ''), 'LocationConstraint'),
    ['eu-west-1'],
  )
})

const configuration = (content: string): string =>
  `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</CreateBucketConfiguration>`

const bodies: [what: string, body: string, status: number, code?: string][] = [
  ['an empty configuration', configuration(''), 200],
  ['our region', configuration('<LocationConstraint>eu-west-1</LocationConstraint>'), 200],
  [
    'the first region, which old tools write out',
    configuration('<LocationConstraint>us-east-1</LocationConstraint>'),
    200,
  ],
  [
    'another region',
    configuration('<LocationConstraint>eu-west-2</LocationConstraint>'),
    400,
    'IllegalLocationConstraintException',
  ],
  [
    'no region at all',
    configuration('<LocationConstraint>nowhere</LocationConstraint>'),
    400,
    'InvalidLocationConstraint',
  ],
  ['a directory bucket', configuration('<Bucket><Type>Directory</Type></Bucket>'), 501, 'NotImplemented'],
  ['another document', '<Other/>', 400, 'MalformedXML'],
  ['no XML', 'hello', 400, 'MalformedXML'],
]
for (const [what, body, status, code] of bodies) {
  test(`making a bucket with ${what}: ${status} ${code ?? ''}`, async () => {
    await using s3 = await S3InMemory.open({ region: 'eu-west-1' })
    const answer = await s3.ask('PUT', '/photos', { body })
    assert.equal(answer.status, status, answer.text)
    assert.equal(answer.code, code)
    assert.equal((await s3.ask('HEAD', '/photos')).status, code === undefined ? 200 : 404)
  })
}

const headers: [name: string, value: string, code: string | undefined][] = [
  ['x-amz-acl', 'private', undefined],
  ['x-amz-acl', 'public-read', 'AccessControlListNotSupported'],
  ['x-amz-grant-full-control', 'id=1', 'AccessControlListNotSupported'],
  ['x-amz-bucket-object-lock-enabled', 'False', undefined],
  ['x-amz-object-ownership', 'BucketOwnerEnforced', undefined],
  ['x-amz-object-ownership', 'ObjectWriter', 'NotImplemented'],
  ['x-amz-bucket-namespace', 'account-regional', 'NotImplemented'],
]
for (const [name, value, code] of headers) {
  test(`making a bucket with ${name}: ${value} is ${code ?? 'accepted'}`, async () => {
    await using s3 = await S3InMemory.open()
    const answer = await s3.ask('PUT', '/photos', { headers: { [name]: value } })
    assert.equal(answer.code, code, answer.text)
  })
}

test('a bucket that is there, one that is not empty, and a name that is none', async () => {
  await using s3 = await S3InMemory.open()
  await s3.ask('PUT', '/photos')
  const again = await s3.ask('PUT', '/photos')
  assert.equal(again.status, 409)
  assert.equal(again.code, 'BucketAlreadyOwnedByYou')
  assert.deepEqual(texts(again.text, 'BucketName'), ['photos'])
  await s3.ask('PUT', '/photos/a', { body: 'x' })
  const full = await s3.ask('DELETE', '/photos')
  assert.equal(full.status, 409)
  assert.equal(full.code, 'BucketNotEmpty')
  for (const method of ['PUT', 'GET', 'DELETE']) {
    const wrong = await s3.ask(method, '/Photos_1')
    assert.equal(wrong.status, 400)
    assert.equal(wrong.code, 'InvalidBucketName')
  }
})

test('buckets are listed by name, in pages that go on where the last one stopped', async () => {
  await using s3 = await S3InMemory.open()
  for (const name of ['bbb', 'aaa', 'abc', 'ccc']) await s3.ask('PUT', `/${name}`)
  const all = await s3.ask('GET', '/')
  assert.deepEqual(texts(all.text, 'Name'), ['aaa', 'abc', 'bbb', 'ccc'])
  assert.match(all.text, /<Owner><ID>owner-id<\/ID><DisplayName>owner<\/DisplayName><\/Owner><Buckets>/)
  assert.match(texts(all.text, 'CreationDate')[0]!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.deepEqual(texts(all.text, 'BucketRegion'), [])
  const first = await s3.ask('GET', '/?max-buckets=3')
  assert.deepEqual(texts(first.text, 'Name'), ['aaa', 'abc', 'bbb'])
  assert.deepEqual(texts(first.text, 'BucketRegion'), ['us-east-1', 'us-east-1', 'us-east-1'])
  const [token] = texts(first.text, 'ContinuationToken')
  const second = await s3.ask('GET', `/?max-buckets=3&continuation-token=${token}`)
  assert.deepEqual(texts(second.text, 'Name'), ['ccc'])
  assert.deepEqual(texts(second.text, 'ContinuationToken'), [])
  assert.deepEqual(texts((await s3.ask('GET', '/?prefix=a')).text, 'Name'), ['aaa', 'abc'])
  assert.deepEqual(texts((await s3.ask('GET', '/?bucket-region=eu-west-1')).text, 'Name'), [])
  assert.match((await s3.ask('GET', '/?bucket-region=eu-west-1')).text, /<Buckets><\/Buckets>/)
  for (const wrong of ['max-buckets=0', 'max-buckets=10001', 'max-buckets=x', 'continuation-token=x']) {
    const answer = await s3.ask('GET', `/?${wrong}`)
    assert.equal(answer.code, 'InvalidArgument', wrong)
  }
})
