// boto3 with versions and object lock: what is locked stays, whoever asks, and what is not goes.
import assert from 'node:assert/strict'
import test from 'node:test'
import { connectBoto3 } from './harness/boto3.mjs'
import { findPython, unless } from './harness/programs.mjs'
import { openWorkplace } from './harness/workplace.mjs'

const python = findPython('python')
const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString()

test('boto3: versions and locks', { skip: unless(python, 'boto3') }, async (t) => {
  const place = await openWorkplace(t)
  const boto3 = await connectBoto3(python, '1.43.11')(place)
  t.after(() => boto3.close())
  const { call } = boto3
  const Bucket = 'locked'
  await call('create_bucket', { Bucket, ObjectLockEnabledForBucket: true })
  const put = (Key, options = {}) => call('put_object', { Bucket, Key, Body: `bytes of ${Key}`, ...options })
  const remove = (Key, VersionId, options = {}) =>
    call('delete_object', { Bucket, Key, VersionId, ...options })
  const bypass = { BypassGovernanceRetention: true }

  await t.test('versions are listed, read, hidden by a marker and brought back', async () => {
    const ids = []
    for (const Body of ['one', 'two', 'three'])
      ids.unshift((await call('put_object', { Bucket, Key: 'versions', Body })).VersionId)
    const marker = await call('delete_object', { Bucket, Key: 'versions' })
    assert.equal(marker.DeleteMarker, true)
    const { Versions, DeleteMarkers } = await call('list_object_versions', { Bucket, Prefix: 'versions' })
    assert.deepEqual(
      Versions.map(({ VersionId }) => VersionId),
      ids,
    )
    assert.deepEqual(
      DeleteMarkers.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]),
      [[marker.VersionId, true]],
    )
    await assert.rejects(call('get_object', { Bucket, Key: 'versions' }), /NoSuchKey/)
    const oldest = await call('get_object', { Bucket, Key: 'versions', VersionId: ids[2] })
    assert.equal(oldest.Body, 'one')
    await remove('versions', marker.VersionId)
    assert.equal((await call('get_object', { Bucket, Key: 'versions' })).Body, 'three')
  })

  await t.test('compliance keeps a version from everyone', async () => {
    const ObjectLockRetainUntilDate = inDays(1)
    const { VersionId } = await put('compliance', { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate })
    await assert.rejects(remove('compliance', VersionId), /AccessDenied/)
    await assert.rejects(remove('compliance', VersionId, bypass), /AccessDenied/)
    const retain = (Mode, days) =>
      call('put_object_retention', {
        Bucket,
        Key: 'compliance',
        Retention: { Mode, RetainUntilDate: inDays(days) },
        ...bypass,
      })
    await assert.rejects(retain('COMPLIANCE', 0.5), /AccessDenied/)
    await assert.rejects(retain('GOVERNANCE', 5), /AccessDenied/)
    await retain('COMPLIANCE', 2)
    const objects = { Objects: [{ Key: 'compliance', VersionId }] }
    const { Errors } = await call('delete_objects', { Bucket, Delete: objects, ...bypass })
    assert.equal(Errors[0].Code, 'AccessDenied')
    assert.equal((await call('get_object', { Bucket, Key: 'compliance' })).Body, 'bytes of compliance')
  })

  await t.test('governance keeps a version from who does not bypass it', async () => {
    const { VersionId } = await put('governance')
    const Retention = { Mode: 'GOVERNANCE', RetainUntilDate: inDays(1) }
    await call('put_object_retention', { Bucket, Key: 'governance', Retention })
    const got = await call('get_object_retention', { Bucket, Key: 'governance' })
    assert.equal(got.Retention.Mode, 'GOVERNANCE')
    await assert.rejects(remove('governance', VersionId), /AccessDenied/)
    await remove('governance', VersionId, bypass)
    await assert.rejects(call('head_object', { Bucket, Key: 'governance', VersionId }), /404/)
  })

  await t.test('a legal hold keeps a version until it is off', async () => {
    const { VersionId } = await put('held', { ObjectLockLegalHoldStatus: 'ON' })
    await assert.rejects(remove('held', VersionId, bypass), /AccessDenied/)
    await call('put_object_legal_hold', { Bucket, Key: 'held', LegalHold: { Status: 'OFF' } })
    await remove('held', VersionId)
  })

  await t.test(
    'a default retention is of every later object, also of one in parts and of a copy',
    async () => {
      await call('put_object_lock_configuration', {
        Bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 3 } },
        },
      })
      await put('by default')
      await call('copy_object', { Bucket, Key: 'a copy', CopySource: `${Bucket}/versions` })
      const upload = { Bucket, Key: 'in parts' }
      const { UploadId } = await call('create_multipart_upload', upload)
      const part = await call('upload_part', { ...upload, UploadId, PartNumber: 1, Body: 'x' })
      const Parts = [{ PartNumber: 1, ETag: part.ETag }]
      await call('complete_multipart_upload', { ...upload, UploadId, MultipartUpload: { Parts } })
      for (const Key of ['by default', 'a copy', 'in parts']) {
        const head = await call('head_object', { Bucket, Key })
        assert.equal(head.ObjectLockMode, 'GOVERNANCE', Key)
        const days = (Date.parse(head.ObjectLockRetainUntilDate) - Date.parse(head.LastModified)) / 86_400_000
        assert.ok(Math.abs(days - 3) < 0.01, `${Key} ${days}`)
      }
    },
  )

  await t.test('conditional writes are decided one at a time', async () => {
    const first = await put('once', { IfNoneMatch: '*' })
    await assert.rejects(put('once', { IfNoneMatch: '*' }), /PreconditionFailed/)
    await assert.rejects(put('once', { IfMatch: '"0"' }), /PreconditionFailed/)
    await put('once', { IfMatch: first.ETag })
    await assert.rejects(call('delete_object', { Bucket, Key: 'once', IfMatch: '"0"' }), /PreconditionFailed/)
    await assert.rejects(call('delete_object', { Bucket, Key: 'never', IfMatch: '*' }), /NoSuchKey|404/)
  })
})
