// The AWS SDK for JavaScript in S3 Express mode: sessions of a bucket, which it begins by itself, appends, and renames.
import assert from 'node:assert/strict'
import test from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { bytesNamed } from './harness/bytes.mjs'
import { openWorkplace } from './harness/workplace.mjs'

const sdk = { ...s3 }
/** By such a name the SDK knows a directory bucket. */
const directory = 'logs--az1--x-s3'

const ownPolicy = {
  Effect: 'Allow',
  Principal: '*',
  Action: 's3:GetObject',
  Resource: `arn:aws:s3:::${directory}/*`,
}

async function connect(t) {
  const place = await openWorkplace(t, ['--profile', 'express'])
  const open = (options) => {
    const client = new s3.S3Client({
      endpoint: place.url,
      region: place.region,
      forcePathStyle: true,
      credentials: { accessKeyId: place.accessKeyId, secretAccessKey: place.secretAccessKey },
      ...options,
    })
    place.atEnd(async () => client.destroy())
    return client
  }
  const client = open()
  const sent = []
  const note = (next) => (args) => {
    const { method, path, query, headers } = args.request
    sent.push({
      asked: 'session' in query ? 'CreateSession' : `${method} ${path}`,
      service: /\/([^/]+)\/aws4_request/.exec(headers.authorization)?.[1],
      token: headers['x-amz-s3session-token'],
    })
    return next(args)
  }
  client.middlewareStack.add(note, { step: 'finalizeRequest', priority: 'low' })
  const send = (name, input) => client.send(new sdk[`${name}Command`](input))
  return { client, place, send, sent }
}

const textOf = async ({ Body }) => Body.transformToString()

test('AWS SDK for JavaScript: a directory bucket, through sessions that it begins by itself', async (t) => {
  const { client, send, sent } = await connect(t)
  const Bucket = directory
  await send('CreateBucket', {
    Bucket,
    CreateBucketConfiguration: {
      Location: { Name: 'az1', Type: 'AvailabilityZone' },
      Bucket: { Type: 'Directory', DataRedundancy: 'SingleAvailabilityZone' },
    },
  })

  await t.test('one session serves all that is done with objects', async () => {
    await send('PutObject', { Bucket, Key: 'a', Body: 'body' })
    assert.equal(await textOf(await send('GetObject', { Bucket, Key: 'a' })), 'body')
    assert.equal((await send('ListObjectsV2', { Bucket, Prefix: 'a' })).KeyCount, 1)
    const sessions = sent.filter(({ asked }) => asked === 'CreateSession')
    assert.equal(sessions.length, 1)
    const inSession = sent.filter(({ token }) => token !== undefined)
    assert.equal(inSession.length, 4, 'the bucket is created in it, too')
    assert.deepEqual(new Set(inSession.map(({ service }) => service)), new Set(['s3express']))
  })

  await t.test('appends at an offset, and reads back', async () => {
    const of = { Bucket, Key: 'log' }
    let whole = ''
    for (let n = 0; n < 20; n++) {
      const Body = `line ${n}\n`
      const put = await send('PutObject', { ...of, Body, WriteOffsetBytes: whole.length })
      whole += Body
      assert.equal(put.Size, whole.length)
      assert.equal(put.ChecksumType, 'FULL_OBJECT')
      const all = await send('PutObject', { Bucket, Key: 'whole', Body: whole })
      assert.equal(put.ChecksumCRC32, all.ChecksumCRC32)
    }
    assert.equal(await textOf(await send('GetObject', { ...of, ChecksumMode: 'ENABLED' })), whole)
    for (const WriteOffsetBytes of [0, 3, whole.length + 1])
      await assert.rejects(send('PutObject', { ...of, Body: 'x', WriteOffsetBytes }), {
        name: 'InvalidWriteOffset',
      })
    const { ETag } = await send('HeadObject', of)
    assert.doesNotMatch(ETag, /^"[0-9a-f]{32}"$/)
    await assert.rejects(
      send('PutObject', { ...of, Body: 'x', WriteOffsetBytes: whole.length, IfMatch: '"other"' }),
      { name: 'PreconditionFailed' },
    )
    await send('PutObject', { ...of, Body: 'end', WriteOffsetBytes: whole.length, IfMatch: ETag })
    assert.equal(await textOf(await send('GetObject', of)), `${whole}end`)
  })

  await t.test('an append of several megabytes goes behind the last', async () => {
    const parts = [bytesNamed('first', 3_000_000), bytesNamed('second', 2_000_001), bytesNamed('third', 1)]
    let offset = 0
    for (const Body of parts) {
      const { Size } = await send('PutObject', { Bucket, Key: 'large', Body, WriteOffsetBytes: offset })
      offset += Body.length
      assert.equal(Size, offset)
    }
    const { Body } = await send('GetObject', { Bucket, Key: 'large' })
    assert.ok(Buffer.concat(parts).equals(Buffer.from(await Body.transformToByteArray())))
  })

  await t.test('renames, once for each token', async () => {
    const rename = (Key, from, options) =>
      send('RenameObject', { Bucket, Key, RenameSource: `${Bucket}/${from}`, ...options })
    await rename('renamed', 'a', { ClientToken: 'once' })
    await rename('renamed', 'a', { ClientToken: 'once' })
    assert.equal(await textOf(await send('GetObject', { Bucket, Key: 'renamed' })), 'body')
    await assert.rejects(send('GetObject', { Bucket, Key: 'a' }), { name: 'NoSuchKey' })
    await assert.rejects(rename('log', 'renamed', { DestinationIfNoneMatch: '*' }), {
      name: 'PreconditionFailed',
    })
    // Without a token of the caller's the SDK makes one for each request.
    await rename('a', 'renamed')
    await rename('renamed', 'a')
  })

  await t.test('an upload in parts, a copy, and deletes', async () => {
    const of = { Bucket, Key: 'in parts' }
    const { UploadId } = await send('CreateMultipartUpload', of)
    const first = bytesNamed('first', 5 * 2 ** 20)
    const Parts = []
    for (const [at, Body] of [first, Buffer.from('last')].entries()) {
      const { ETag } = await send('UploadPart', { ...of, UploadId, PartNumber: at + 1, Body })
      Parts.push({ PartNumber: at + 1, ETag })
    }
    await send('CompleteMultipartUpload', { ...of, UploadId, MultipartUpload: { Parts } })
    await send('CopyObject', { Bucket, Key: 'copy', CopySource: `${Bucket}/in parts` })
    const { ContentLength } = await send('HeadObject', { Bucket, Key: 'copy' })
    assert.equal(ContentLength, first.length + 4)
    const { Deleted } = await send('DeleteObjects', {
      Bucket,
      Delete: { Objects: [{ Key: 'copy' }, { Key: 'in parts' }] },
    })
    assert.equal(Deleted.length, 2)
  })

  await t.test('a presigned URL carries the session', async () => {
    const url = await getSignedUrl(client, new s3.GetObjectCommand({ Bucket, Key: 'log' }), { expiresIn: 60 })
    assert.match(url, /X-Amz-S3session-Token=/)
    const answer = await fetch(url)
    assert.equal(answer.status, 200, await answer.clone().text())
    assert.match(await answer.text(), /^line 0\n/)
  })

  await t.test('directory buckets are listed, and what is done to one is done in its session', async () => {
    const { Buckets } = await send('ListDirectoryBuckets', {})
    assert.deepEqual(
      Buckets.map(({ Name }) => Name),
      [Bucket],
    )
    await assert.rejects(send('DeleteBucket', { Bucket }), { name: 'BucketNotEmpty' })
    await send('PutBucketPolicy', { Bucket, Policy: JSON.stringify({ Statement: ownPolicy }) })
    assert.match((await send('GetBucketPolicy', { Bucket })).Policy, /GetObject/)
  })
})

test('AWS SDK for JavaScript: a session that is asked for, and one that may only read', async (t) => {
  const { place, send } = await connect(t)
  const Bucket = directory
  await send('CreateBucket', { Bucket })
  await send('PutObject', { Bucket, Key: 'a', Body: 'body' })
  const { Credentials } = await send('CreateSession', { Bucket, SessionMode: 'ReadOnly' })
  const lasts = Credentials.Expiration.getTime() - Date.now()
  assert.ok(lasts > 200_000 && lasts <= 300_000, `${lasts} ms`)
  const reader = new s3.S3Client({
    endpoint: place.url,
    region: place.region,
    forcePathStyle: true,
    credentials: { accessKeyId: place.accessKeyId, secretAccessKey: place.secretAccessKey },
    s3ExpressIdentityProvider: {
      getS3ExpressIdentity: async () => ({
        accessKeyId: Credentials.AccessKeyId,
        secretAccessKey: Credentials.SecretAccessKey,
        sessionToken: Credentials.SessionToken,
      }),
    },
  })
  t.after(() => reader.destroy())
  assert.equal(await textOf(await reader.send(new s3.GetObjectCommand({ Bucket, Key: 'a' }))), 'body')
  await assert.rejects(reader.send(new s3.PutObjectCommand({ Bucket, Key: 'b', Body: 'x' })), {
    name: 'AccessDenied',
  })
})

test('AWS SDK for JavaScript: a bucket of any other name, with no session', async (t) => {
  const { send, sent } = await connect(t)
  const Bucket = 'plain-logs'
  await send('CreateBucket', { Bucket })
  await send('PutObject', { Bucket, Key: 'a', Body: 'one ', WriteOffsetBytes: 0 })
  assert.equal((await send('PutObject', { Bucket, Key: 'a', Body: 'two', WriteOffsetBytes: 4 })).Size, 7)
  await send('RenameObject', { Bucket, Key: 'b', RenameSource: `${Bucket}/a` })
  assert.equal(await textOf(await send('GetObject', { Bucket, Key: 'b' })), 'one two')
  assert.deepEqual(new Set(sent.map(({ service }) => service)), new Set(['s3']))
})
