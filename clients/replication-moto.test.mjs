// Replication to a server that is not ours: what arrives there, and what is said of what does not.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import test from 'node:test'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { Engine } from '../packages/engine/dist/index.js'
import { OutgoingCalls, s3ReplicationTargets } from '../packages/targets/dist/index.js'
import { standBefore, startMoto } from './harness/moto.mjs'
import { findPython, run, unless } from './harness/programs.mjs'

const python = findPython('python')
const hasMoto = await isInstalled()
const MIB = 1024 ** 2
const keys = { accessKeyId: 'AKIAMOTO', secretAccessKey: 'a-secret-of-moto' }

async function isInstalled() {
  if (python === undefined) return undefined
  return run(python, ['-c', 'import moto.server, flask_cors']).then(
    () => python,
    () => undefined,
  )
}

test('moto', { skip: unless(hasMoto, 'moto') }, async (t) => {
  const url = await startMoto(t, python)
  const s3 = new S3Client({ endpoint: url, region: 'us-east-1', forcePathStyle: true, credentials: keys })
  const calls = new OutgoingCalls({ allowed: ['127.0.0.1'] })
  const engine = await Engine.open({
    sealingKey: randomBytes(32),
    connectReplicationTarget: s3ReplicationTargets({ calls }),
  })
  t.after(async () => {
    await engine.close()
    calls.close()
    s3.destroy()
  })
  const send = (Command, input) => s3.send(new Command(input))

  /** A bucket here and one there of the same name, and what goes from the one to the other. */
  async function replicated(Bucket, endpoint = url) {
    await send(CreateBucketCommand, { Bucket, ObjectLockEnabledForBucket: true })
    await engine.createBucket(Bucket, { objectLock: true })
    const bucket = engine.bucket(Bucket)
    const { arn, keepsVersionIds } = await engine.replication.addTarget(Bucket, {
      ...{ endpoint, bucket: Bucket },
      ...keys,
    })
    assert.equal(keepsVersionIds, false)
    const rule = { status: 'enabled', priority: 1, destination: { arn } }
    await bucket.setConfiguration('replication', {
      rules: [{ ...rule, deleteMarkers: 'enabled', versionDeletes: 'enabled' }],
    })
    const status = async () =>
      (await engine.replication.status({ bucket: Bucket })).find((target) => target.arn === arn)
    const until = async (holds) => {
      for (;;) {
        const now = await status()
        if (holds(now)) return now
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    return { bucket, status, until, arrived: () => until(({ waiting }) => waiting === 0) }
  }

  await t.test('objects arrive whole, with what is said of them and how they are locked', async () => {
    const { bucket, arrived } = await replicated('whole')
    const body = randomBytes(2 * MIB)
    const retainUntil = new Date(Date.now() + 86_400_000)
    retainUntil.setMilliseconds(0)
    await bucket.put("a/../ü b'(1)*+&.txt", body, {
      ...{ contentType: 'text/plain', cacheControl: 'no-store', contentDisposition: 'inline' },
      ...{ metadata: { camera: 'a  b' }, tags: { 'größe x': 'ü +', b: '' }, legalHold: true },
      retention: { mode: 'compliance', retainUntil },
    })
    await bucket.put('empty', new Uint8Array(0))
    await arrived()
    const at = { Bucket: 'whole', Key: "a/../ü b'(1)*+&.txt" }
    const got = await send(GetObjectCommand, at)
    assert.ok(Buffer.from(await got.Body.transformToByteArray()).equals(body))
    assert.deepEqual(got.Metadata, { camera: 'a  b' })
    assert.deepEqual(
      [got.ContentType, got.CacheControl, got.ContentDisposition],
      ['text/plain', 'no-store', 'inline'],
    )
    assert.equal(got.ETag, `"${createHash('md5').update(body).digest('hex')}"`)
    assert.equal(got.ObjectLockMode, 'COMPLIANCE')
    assert.deepEqual(got.ObjectLockRetainUntilDate, retainUntil)
    assert.equal(got.ObjectLockLegalHoldStatus, 'ON')
    const { TagSet } = await send(GetObjectTaggingCommand, at)
    assert.deepEqual(Object.fromEntries(TagSet.map(({ Key, Value }) => [Key, Value])), {
      'größe x': 'ü +',
      b: '',
    })
    assert.equal((await send(HeadObjectCommand, { Bucket: 'whole', Key: 'empty' })).ContentLength, 0)
  })

  await t.test('what was uploaded in parts has the same parts there, and so the same ETag', async () => {
    const { bucket, arrived } = await replicated('parts')
    const upload = await bucket.createUpload('k', { checksumAlgorithm: 'sha256', metadata: { a: 'b' } })
    const bodies = [randomBytes(5 * MIB), randomBytes(6 * MIB), randomBytes(7)]
    const parts = []
    for (const [index, body] of bodies.entries()) {
      const { etag, checksums } = await upload.putPart(index + 1, body, { checksumAlgorithm: 'sha256' })
      parts.push({ partNumber: index + 1, etag, checksums })
    }
    const { etag } = await upload.complete(parts)
    const large = randomBytes(33 * MIB)
    await bucket.put('large', large)
    await arrived()
    const got = await send(GetObjectCommand, { Bucket: 'parts', Key: 'k' })
    assert.equal(got.ETag, `"${etag}"`)
    assert.deepEqual(got.Metadata, { a: 'b' })
    assert.ok(Buffer.from(await got.Body.transformToByteArray()).equals(Buffer.concat(bodies)))
    const { Body } = await send(GetObjectCommand, { Bucket: 'parts', Key: 'large' })
    assert.ok(Buffer.from(await Body.transformToByteArray()).equals(large))
  })

  await t.test('versions come in their order, and markers, removals and changes find them', async () => {
    const { bucket, arrived } = await replicated('versions')
    const ids = []
    for (const body of ['one', 'two', 'three']) ids.push((await bucket.put('k', Buffer.from(body))).versionId)
    await bucket.delete('k')
    await arrived()
    const listed = () => send(ListObjectVersionsCommand, { Bucket: 'versions' })
    const { Versions, DeleteMarkers } = await listed()
    const bodies = []
    for (const { VersionId } of Versions) {
      const { Body } = await send(GetObjectCommand, { Bucket: 'versions', Key: 'k', VersionId })
      bodies.push(await Body.transformToString())
    }
    assert.deepEqual(bodies, ['three', 'two', 'one'])
    assert.equal(DeleteMarkers.length, 1)
    await bucket.delete('k', { versionId: ids[1] })
    await bucket.setTags('k', { a: 'b' }, { versionId: ids[0] })
    await bucket.setLegalHold('k', true, { versionId: ids[2] })
    await arrived()
    const left = (await listed()).Versions.map(({ VersionId }) => VersionId)
    assert.deepEqual(left, [Versions[0].VersionId, Versions[2].VersionId])
    const at = { Bucket: 'versions', Key: 'k' }
    const tags = await send(GetObjectTaggingCommand, { ...at, VersionId: left[1] })
    assert.deepEqual(tags.TagSet, [{ Key: 'a', Value: 'b' }])
    const held = await send(HeadObjectCommand, { ...at, VersionId: left[0] })
    assert.equal(held.ObjectLockLegalHoldStatus, 'ON')
  })

  await t.test('of a server that fails every third time everything arrives all the same', async (t) => {
    let asked = 0
    let isFailing = false
    const fails = (method) => isFailing && method === 'PUT' && ++asked % 3 === 0
    const endpoint = await standBefore(t, url, fails)
    const { bucket, status, arrived } = await replicated('failing', endpoint)
    isFailing = true
    for (let at = 0; at < 12; at++) await bucket.put(`k${at}`, Buffer.from(`body ${at}`))
    await arrived()
    const { failed, failures } = await status()
    assert.ok(failed.versions > 0)
    assert.equal(failures, 0)
    for (let at = 0; at < 12; at++) {
      const { Body } = await send(GetObjectCommand, { Bucket: 'failing', Key: `k${at}` })
      assert.equal(await Body.transformToString(), `body ${at}`)
    }
  })

  await t.test(
    'of a bucket that has gone, or has no versions any more, it is said what is wrong',
    async () => {
      const { bucket, until, arrived } = await replicated('gone')
      await send(DeleteBucketCommand, { Bucket: 'gone' })
      await bucket.put('k', Buffer.from('body'))
      await until(({ lastError }) => /no bucket "gone"|NoSuchBucket/.test(lastError?.message))
      await send(CreateBucketCommand, { Bucket: 'gone' })
      await until(({ lastError }) => /versioning is not enabled/.test(lastError?.message))
      await send(PutBucketVersioningCommand, {
        ...{ Bucket: 'gone', VersioningConfiguration: { Status: 'Enabled' } },
      })
      const { failures } = await arrived()
      assert.equal(failures, 0)
      const { Body } = await send(GetObjectCommand, { Bucket: 'gone', Key: 'k' })
      assert.equal(await Body.transformToString(), 'body')
    },
  )
})
