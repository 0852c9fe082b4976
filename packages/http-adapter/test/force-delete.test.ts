import assert from 'node:assert/strict'
import test from 'node:test'
import { arn, StoreWithUsers } from './authorization/store-with-users.js'
import { S3InMemory } from './s3-in-memory.js'

const force = { headers: { 'x-minio-force-delete': 'true' } }

test('a bucket is deleted with all that is in it by x-minio-force-delete, and by nothing less', async () => {
  await using s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket')
  await s3.engine.bucket('bucket').setConfiguration('versioning', 'enabled')
  for (const body of ['one', 'two']) await s3.ask('PUT', '/bucket/dir/key', { body })
  await s3.ask('DELETE', '/bucket/dir/key')
  for (const asked of [undefined, 'false', ''])
    assert.equal(
      (
        await s3.ask(
          'DELETE',
          '/bucket',
          asked === undefined ? {} : { headers: { 'x-minio-force-delete': asked } },
        )
      ).code,
      'BucketNotEmpty',
    )
  assert.equal((await s3.ask('DELETE', '/bucket', force)).status, 204)
  assert.equal((await s3.ask('HEAD', '/bucket')).status, 404)
  assert.deepEqual([(await s3.ask('DELETE', '/bucket', force)).code], ['NoSuchBucket'])
  assert.equal((await s3.ask('PUT', '/bucket')).status, 200)
  assert.match((await s3.ask('GET', '/bucket?versions')).text, /<IsTruncated>false<\/IsTruncated><\/ListV/)
})

test('one with object lock is not: 405', async () => {
  await using s3 = await S3InMemory.open()
  await s3.ask('PUT', '/bucket', { headers: { 'x-amz-bucket-object-lock-enabled': 'true' } })
  await s3.ask('PUT', '/bucket/key', { body: 'locked' })
  const answer = await s3.ask('DELETE', '/bucket', force)
  assert.deepEqual([answer.status, answer.code], [405, 'MethodNotAllowed'])
  assert.equal((await s3.ask('GET', '/bucket/key')).text, 'locked')
})

test('it needs s3:ForceDeleteBucket; s3:DeleteBucket does not do', async () => {
  await using store = await StoreWithUsers.open()
  await store.engine.createBucket('bucket')
  await store.engine.bucket('bucket').put('key', Buffer.from('x'))
  const ask = async () => (await store.ask('DELETE', '/bucket', force)).status
  await store.allow({ Effect: 'Allow', Action: ['s3:DeleteBucket', 's3:DeleteObject'], Resource: arn('*') })
  assert.equal(await ask(), 403)
  await store.allow({ Effect: 'Allow', Action: 's3:ForceDeleteBucket', Resource: arn('bucket') })
  assert.equal(await ask(), 204)
})

test('S3 Express mode has it not, nor the recursive delete of objects in any', async () => {
  for (const profile of ['aistor', 'aws', 'express'] as const) {
    await using s3 = await S3InMemory.open({ profile })
    await s3.ask('PUT', '/bucket')
    await s3.ask('PUT', '/bucket/a/b', { body: 'x' })
    assert.equal((await s3.ask('DELETE', '/bucket/a/', force)).status, 501)
    if (profile === 'express') assert.equal((await s3.ask('DELETE', '/bucket', force)).status, 501)
    assert.equal((await s3.ask('GET', '/bucket/a/b')).text, 'x')
  }
})
