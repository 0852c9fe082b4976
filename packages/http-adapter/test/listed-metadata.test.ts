import assert from 'node:assert/strict'
import test from 'node:test'
import { arn, type Said, StoreWithUsers } from './authorization/store-with-users.js'
import { S3InMemory, texts } from './s3-in-memory.js'

const entries = ({ text }: { text: string }, name: string): string[] => texts(text, name)

test('a listing with metadata tells of each object its headers, its metadata and its tags', async () => {
  await using s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  await s3.ask('PUT', '/bucket/a', {
    body: 'x',
    headers: {
      'content-type': 'text/plain',
      'cache-control': 'no-cache',
      'x-amz-meta-some-name': 'a <value> & more',
      'x-amz-meta-strange!name': 'left out',
      'x-amz-tagging': 'one=1&two=b+c',
    },
  })
  await s3.ask('PUT', '/bucket/b', { body: 'y' })
  await s3.ask('PUT', '/bucket/dir/c', { body: 'z' })
  const plain = await s3.ask('GET', '/bucket?list-type=2')
  const listed = await s3.ask('GET', '/bucket?list-type=2&metadata=true&delimiter=/')
  assert.equal(listed.status, 200)
  assert.deepEqual(entries(listed, 'UserMetadata'), [
    '<content-type>text/plain</content-type><cache-control>no-cache</cache-control><X-Amz-Meta-Some-Name>a &lt;value&gt; &amp; more</X-Amz-Meta-Some-Name>',
    '<content-type>binary/octet-stream</content-type>',
  ])
  assert.deepEqual(entries(listed, 'UserTags'), ['one=1&amp;two=b+c'])
  assert.deepEqual(entries(listed, 'Prefix'), ['', 'dir/'])
  const without = listed.text.replace(/<UserMetadata>.*?<\/UserMetadata>|<UserTags>.*?<\/UserTags>/gs, '')
  assert.deepEqual(entries({ text: without }, 'Contents'), entries(plain, 'Contents').slice(0, 2))
  for (const query of ['list-type=2&metadata=false', 'list-type=2&metadata'])
    assert.deepEqual(entries(await s3.ask('GET', `/bucket?${query}`), 'Contents'), entries(plain, 'Contents'))
})

test('versions have each their own, and delete markers none', async () => {
  await using s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  await s3.engine.bucket('bucket').setConfiguration('versioning', 'enabled')
  for (const value of ['first', 'second'])
    await s3.ask('PUT', '/bucket/a', {
      body: value,
      headers: { 'x-amz-meta-which': value, 'x-amz-tagging': `which=${value}` },
    })
  await s3.ask('DELETE', '/bucket/a')
  const listed = await s3.ask('GET', '/bucket?versions&metadata=true')
  assert.deepEqual(entries(listed, 'X-Amz-Meta-Which'), ['second', 'first'])
  assert.deepEqual(entries(listed, 'UserTags'), ['which=second', 'which=first'])
  assert.ok(!entries(listed, 'DeleteMarker')[0]!.includes('UserMetadata'))
  const plain = await s3.ask('GET', '/bucket?versions')
  assert.ok(!plain.text.includes('UserMetadata'))
})

test('who may list and not read is told no metadata, and no tags without their right', async () => {
  await using store = await StoreWithUsers.open()
  await store.engine.createBucket('bucket')
  for (const key of ['mine/a', 'theirs/a'])
    await store.engine
      .bucket('bucket')
      .put(key, Buffer.from('x'), { metadata: { of: key }, tags: { of: key } })
  const list = (): Promise<Said> => store.ask('GET', '/bucket?list-type=2&metadata=true')
  const lists = { Effect: 'Allow', Action: 's3:ListBucket', Resource: arn('bucket') } as const
  await store.allow(lists)
  const told = await list()
  assert.deepEqual(entries(told, 'Key'), ['mine/a', 'theirs/a'])
  assert.ok(!told.text.includes('User'))
  await store.allow(lists, { Effect: 'Allow', Action: 's3:GetObject', Resource: arn('bucket/mine/*') })
  assert.deepEqual(entries(await list(), 'X-Amz-Meta-Of'), ['mine/a'])
  assert.ok(!(await list()).text.includes('UserTags'))
  await store.allow(lists, {
    Effect: 'Allow',
    Action: 's3:GetObjectTagging',
    Resource: arn('bucket/theirs/*'),
  })
  assert.deepEqual(entries(await list(), 'UserTags'), ['of=theirs%2Fa'])
  await store.allow({ Effect: 'Allow', Action: 's3:GetObject', Resource: arn('bucket/*') })
  assert.equal((await list()).code, 'AccessDenied')
})
