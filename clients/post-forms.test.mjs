// Forms for browsers, as SDKs make and sign them: each is posted by fetch, and read back by another client.
import assert from 'node:assert/strict'
import test from 'node:test'
import { S3Client } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { connectBoto3 } from './harness/boto3.mjs'
import { findPython, unless } from './harness/programs.mjs'
import { openWorkplace } from './harness/workplace.mjs'
import { minioClient } from './minio-client.mjs'

const Bucket = 'uploads'
const python = findPython('python')

/** Each makes a form for keys under `user/`, of text, of 1 to 100 bytes, answered by 201. */
const makers = [
  {
    name: 'AWS SDK for JavaScript',
    skip: false,
    async make({ url, region, accessKeyId, secretAccessKey }, key) {
      const credentials = { accessKeyId, secretAccessKey }
      const client = new S3Client({ endpoint: url, region, forcePathStyle: true, credentials })
      const { fields, ...form } = await createPresignedPost(client, {
        Bucket,
        Key: key,
        Conditions: [
          ['content-length-range', 1, 100],
          ['starts-with', '$Content-Type', 'text/'],
        ],
        Fields: { success_action_status: '201' },
        Expires: 600,
      })
      client.destroy()
      return { url: form.url, fields: { ...fields, 'Content-Type': 'text/plain' } }
    },
  },
  {
    name: 'boto3',
    skip: unless(python, 'boto3'),
    async make(place, key) {
      const boto3 = await connectBoto3(python, '1.43.11')(place)
      const { url, fields } = await boto3.call('generate_presigned_post', {
        Bucket,
        Key: key,
        Fields: { success_action_status: '201', 'Content-Type': 'text/plain' },
        Conditions: [
          ['content-length-range', 1, 100],
          ['starts-with', '$Content-Type', 'text/'],
          { success_action_status: '201' },
        ],
      })
      await boto3.close()
      return { url, fields }
    },
  },
  {
    name: 'minio',
    skip: false,
    async make(place, key) {
      const client = minioClient(place)
      const policy = client.newPostPolicy()
      policy.setBucket(Bucket)
      policy.setKey(key)
      policy.setExpires(new Date(Date.now() + 600_000))
      policy.setContentType('text/plain')
      policy.setContentLengthRange(1, 100)
      policy.policy.conditions.push(['eq', '$success_action_status', '201'])
      const { postURL, formData } = await client.presignedPostPolicy(policy)
      return { url: postURL, fields: { ...formData, success_action_status: '201' } }
    },
  },
]

async function post({ url, fields }, bytes, more = {}) {
  const form = new FormData()
  for (const [name, value] of Object.entries({ ...fields, ...more })) form.append(name, value)
  form.append('file', new Blob([bytes]), 'a file.txt')
  const answer = await fetch(url, { method: 'POST', body: form })
  return { status: answer.status, text: await answer.text() }
}

for (const { name, skip, make } of makers)
  test(`${name} makes forms`, { skip }, async (t) => {
    const place = await openWorkplace(t)
    await place.witness.createBucket(Bucket)
    const form = await make(place, 'user/ü+a b.txt')

    await t.test('a file posted by one is stored under its key, with its type', async () => {
      const { status, text } = await post(form, 'posted')
      assert.equal(status, 201, text)
      assert.match(text, /<PostResponse>.*<Key>user\/ü\+a b\.txt<\/Key>/s)
      assert.equal(String(await place.witness.get(Bucket, 'user/ü+a b.txt')), 'posted')
      assert.equal((await place.witness.head(Bucket, 'user/ü+a b.txt')).ContentType, 'text/plain')
    })
    await t.test('what it does not allow is refused', async () => {
      const refusals = [
        [await post(form, 'x'.repeat(101)), 400, /<Code>EntityTooLarge</],
        [await post(form, ''), 400, /<Code>EntityTooSmall</],
        [await post(form, 'x', { key: 'elsewhere' }), 403, /Policy Condition failed/],
        [await post(form, 'x', { 'Content-Type': 'image/png' }), 403, /Policy Condition failed/],
        [await post(form, 'x', { 'x-amz-meta-a': 'b' }), 403, /Extra input fields: x-amz-meta-a</],
      ]
      for (const [{ status, text }, wanted, message] of refusals) {
        assert.equal(status, wanted, text)
        assert.match(text, message)
      }
      assert.deepEqual(await place.witness.list(Bucket), ['user/ü+a b.txt'])
      assert.equal(String(await place.witness.get(Bucket, 'user/ü+a b.txt')), 'posted')
    })
  })
