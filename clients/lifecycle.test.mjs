// Lifecycle rules set and read by clients of three families, and what they are told of it; days of a second.
import assert from 'node:assert/strict'
import test from 'node:test'
import { connectBoto3 } from './harness/boto3.mjs'
import { findPython, unless } from './harness/programs.mjs'
import { openWorkplace } from './harness/workplace.mjs'
import { minioClient } from './minio-client.mjs'

const python = findPython('python')
const shortDays = ['--lifecycle-day-seconds', '1']
const until = async (holds) => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 100))
}

test('boto3: rules by which objects and uploads go', { skip: unless(python, 'boto3') }, async (t) => {
  const place = await openWorkplace(t, shortDays)
  const boto3 = await connectBoto3(python, '1.43.11')(place)
  t.after(() => boto3.close())
  const { call } = boto3
  const Bucket = 'ruled'
  await call('create_bucket', { Bucket })
  const Rules = [
    { ID: 'a day', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 1 } },
    {
      ID: 'uploads',
      Status: 'Enabled',
      Filter: { Prefix: '' },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    },
  ]
  await call('put_bucket_lifecycle_configuration', { Bucket, LifecycleConfiguration: { Rules } })
  assert.deepEqual((await call('get_bucket_lifecycle_configuration', { Bucket })).Rules, Rules)
  await call('put_object', { Bucket, Key: 'kept', Body: 'x' })
  const put = await call('put_object', { Bucket, Key: 'tmp/a', Body: 'x' })
  assert.match(put.Expiration, /^expiry-date=".* GMT", rule-id="a%20day"$/)
  await call('create_multipart_upload', { Bucket, Key: 'kept' })
  const keys = async () => ((await call('list_objects_v2', { Bucket })).Contents ?? []).map(({ Key }) => Key)
  await until(async () => (await keys()).join() === 'kept')
  await until(async () => (await call('list_multipart_uploads', { Bucket })).Uploads === undefined)
  await call('delete_bucket_lifecycle', { Bucket })
  await assert.rejects(call('get_bucket_lifecycle_configuration', { Bucket }), /NoSuchLifecycleConfiguration/)
})

test('minio: rules by which versions go', async (t) => {
  const place = await openWorkplace(t, shortDays)
  const client = minioClient(place)
  await client.makeBucket('ruled')
  await client.setBucketVersioning('ruled', { Status: 'Enabled' })
  for (const bytes of ['old', 'new']) await client.putObject('ruled', 'a', bytes)
  await client.setBucketLifecycle('ruled', {
    Rule: [
      {
        ID: 'old',
        Status: 'Enabled',
        Filter: { Prefix: '' },
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      },
    ],
  })
  const { Rule } = await client.getBucketLifecycle('ruled')
  assert.deepEqual(
    [Rule].flat().map(({ ID }) => ID),
    ['old'],
  )
  const versions = async () => {
    let count = 0
    for await (const _ of client.listObjects('ruled', '', true, { IncludeVersion: true })) count++
    return count
  }
  await until(async () => (await versions()) === 1)
  await client.removeBucketLifecycle('ruled')
  await assert.rejects(client.getBucketLifecycle('ruled'), { code: 'NoSuchLifecycleConfiguration' })
})
