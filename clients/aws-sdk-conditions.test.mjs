// The AWS SDK for JavaScript: conditional writes, and every checksum algorithm it offers.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import test from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import { bytesNamed } from './harness/bytes.mjs'
import { openWorkplace } from './harness/workplace.mjs'

const sdk = { ...s3 }
const require = createRequire(new URL('../packages/engine/package.json', import.meta.url))
const { createXXHash3, createXXHash64, createXXHash128 } = await import(require.resolve('hash-wasm'))

/** The SDK computes some algorithms itself; of others it takes an implementation. */
const checksumAlgorithms = {
  MD5: nodeHash('md5'),
  SHA512: nodeHash('sha512'),
  XXHASH64: await wasmHash(createXXHash64),
  XXHASH3: await wasmHash(createXXHash3),
  XXHASH128: await wasmHash(createXXHash128),
}

function nodeHash(algorithm) {
  return class {
    hash = createHash(algorithm)
    update(chunk) {
      this.hash.update(chunk)
    }
    async digest() {
      return this.hash.digest()
    }
  }
}

/** One instance serves all, since nothing here computes two at once. */
async function wasmHash(create) {
  const hash = await create()
  return class {
    constructor() {
      hash.init()
    }
    update(chunk) {
      hash.update(chunk)
    }
    async digest() {
      return hash.digest('binary')
    }
  }
}

async function connect(t) {
  const { url, region, accessKeyId, secretAccessKey } = await openWorkplace(t)
  const client = new s3.S3Client({
    endpoint: url,
    region,
    forcePathStyle: true,
    maxAttempts: 1,
    checksumAlgorithms,
    credentials: { accessKeyId, secretAccessKey },
  })
  t.after(() => client.destroy())
  return (name, input) => client.send(new sdk[`${name}Command`](input))
}

const failed = { name: 'PreconditionFailed' }

test('AWS SDK for JavaScript: conditional writes', async (t) => {
  const send = await connect(t)
  const Bucket = 'conditions'
  await send('CreateBucket', { Bucket })
  const of = (Key) => ({ Bucket, Key })

  await t.test('of many who create an object one does', async () => {
    const put = (n) => send('PutObject', { ...of('once'), Body: `body ${n}`, IfNoneMatch: '*' })
    const outcomes = await Promise.allSettled(Array.from({ length: 16 }, (_, n) => put(n)))
    const won = outcomes.findIndex(({ status }) => status === 'fulfilled')
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const { reason } of outcomes.filter(({ status }) => status === 'rejected'))
      assert.equal(reason.name, 'PreconditionFailed')
    const { Body } = await send('GetObject', of('once'))
    assert.equal(await Body.transformToString(), `body ${won}`)
  })

  await t.test('a counter that many add to loses nothing', async () => {
    await send('PutObject', { ...of('counter'), Body: '0' })
    const add = async () => {
      for (;;) {
        const { Body, ETag } = await send('GetObject', of('counter'))
        const next = String(Number(await Body.transformToString()) + 1)
        try {
          return await send('PutObject', { ...of('counter'), Body: next, IfMatch: ETag })
        } catch (error) {
          if (error.name !== 'PreconditionFailed') throw error
        }
      }
    }
    await Promise.all(Array.from({ length: 12 }, add))
    const { Body } = await send('GetObject', of('counter'))
    assert.equal(await Body.transformToString(), '12')
  })

  await t.test('copies, completions and deletes keep to their conditions', async () => {
    const { ETag } = await send('PutObject', { ...of('source'), Body: 'source' })
    const CopySource = `${Bucket}/source`
    await assert.rejects(send('CopyObject', { ...of('copy'), CopySource, CopySourceIfMatch: '"0"' }), failed)
    await assert.rejects(
      send('CopyObject', { ...of('copy'), CopySource, CopySourceIfNoneMatch: ETag }),
      failed,
    )
    await send('CopyObject', { ...of('copy'), CopySource, CopySourceIfMatch: ETag, IfNoneMatch: '*' })
    await assert.rejects(send('CopyObject', { ...of('copy'), CopySource, IfNoneMatch: '*' }), failed)
    const { UploadId } = await send('CreateMultipartUpload', of('copy'))
    const part = await send('UploadPart', { ...of('copy'), UploadId, PartNumber: 1, Body: 'parts' })
    const Parts = [{ PartNumber: 1, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 }]
    const whole = { ...of('copy'), UploadId, MultipartUpload: { Parts } }
    await assert.rejects(send('CompleteMultipartUpload', { ...whole, IfNoneMatch: '*' }), failed)
    await send('CompleteMultipartUpload', { ...whole, IfMatch: ETag })
    await assert.rejects(send('DeleteObject', { ...of('copy'), IfMatch: ETag }), failed)
    await send('DeleteObject', { ...of('source'), IfMatch: ETag })
    await assert.rejects(send('HeadObject', of('source')), { name: 'NotFound' })
    const Objects = [{ Key: 'copy', ETag: '"0"' }]
    const { Errors } = await send('DeleteObjects', { Bucket, Delete: { Objects } })
    assert.equal(Errors[0].Code, 'PreconditionFailed')
  })
})

const types = {
  CRC32: ['COMPOSITE', 'FULL_OBJECT'],
  CRC32C: ['COMPOSITE', 'FULL_OBJECT'],
  CRC64NVME: ['FULL_OBJECT'],
}

test('AWS SDK for JavaScript: every checksum algorithm', async (t) => {
  const send = await connect(t)
  const Bucket = 'checksums'
  await send('CreateBucket', { Bucket })
  const bytes = bytesNamed('checksums', 100_000)
  const first = bytesNamed('checksums of a part', 5 * 1024 * 1024)

  for (const algorithm of Object.values(s3.ChecksumAlgorithm)) {
    const member = `Checksum${algorithm}`
    await t.test(`${algorithm} of an object is verified and told`, async () => {
      const of = { Bucket, Key: algorithm }
      const put = await send('PutObject', { ...of, Body: bytes, ChecksumAlgorithm: algorithm })
      assert.ok(put[member])
      const got = await send('GetObject', { ...of, ChecksumMode: 'ENABLED' })
      assert.equal(got[member], put[member])
      assert.ok(bytes.equals(Buffer.from(await got.Body.transformToByteArray())))
      const wrong = { ...of, Key: 'wrong', Body: bytes.subarray(1), [member]: put[member] }
      await assert.rejects(send('PutObject', wrong), { name: 'BadDigest' })
      const attributes = await send('GetObjectAttributes', { ...of, ObjectAttributes: ['Checksum'] })
      assert.equal(attributes.Checksum[member], put[member])
    })

    for (const ChecksumType of types[algorithm] ?? ['COMPOSITE'])
      await t.test(`${algorithm} of an upload, ${ChecksumType}`, async () => {
        const of = { Bucket, Key: `${algorithm} ${ChecksumType}` }
        const { UploadId } = await send('CreateMultipartUpload', {
          ...of,
          ChecksumAlgorithm: algorithm,
          ChecksumType,
        })
        const Parts = []
        for (const [at, Body] of [first, bytes].entries()) {
          const PartNumber = at + 1
          const part = { ...of, UploadId, PartNumber, Body, ChecksumAlgorithm: algorithm }
          const { ETag, [member]: checksum } = await send('UploadPart', part)
          Parts.push({ PartNumber, ETag, [member]: checksum })
        }
        const done = await send('CompleteMultipartUpload', { ...of, UploadId, MultipartUpload: { Parts } })
        assert.equal(done.ChecksumType, ChecksumType)
        assert.equal(/-2$/.test(done[member]), ChecksumType === 'COMPOSITE')
        const got = await send('GetObject', { ...of, ChecksumMode: 'ENABLED' })
        assert.equal(got[member], done[member])
        assert.ok(Buffer.concat([first, bytes]).equals(Buffer.from(await got.Body.transformToByteArray())))
        const attributes = await send('GetObjectAttributes', { ...of, ObjectAttributes: ['ObjectParts'] })
        assert.deepEqual(
          attributes.ObjectParts.Parts.map((part) => part[member]),
          Parts.map((part) => part[member]),
        )
      })
  }
})
