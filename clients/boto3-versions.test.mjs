// boto3 in versioned buckets: many versions by pages, each state of versioning, and back by a copy.
import assert from 'node:assert/strict'
import test from 'node:test'
import { connectBoto3 } from './harness/boto3.mjs'
import { findPython, unless } from './harness/programs.mjs'
import { openWorkplace } from './harness/workplace.mjs'

const python = findPython('python')

test('boto3: versioned buckets', { skip: unless(python, 'boto3') }, async (t) => {
  const place = await openWorkplace(t)
  const boto3 = await connectBoto3(python, '1.43.11')(place)
  t.after(() => boto3.close())
  const { call } = boto3
  const Bucket = 'kept'
  await call('create_bucket', { Bucket })
  const put = async (Key, Body) => (await call('put_object', { Bucket, Key, Body })).VersionId
  const read = async (Key, VersionId) =>
    (await call('get_object', { Bucket, Key, ...(VersionId && { VersionId }) })).Body
  const setVersioning = (Status) =>
    call('put_bucket_versioning', { Bucket, VersioningConfiguration: { Status } })

  /** All versions and markers, a few to a page, in the order of each kind. */
  const list = async (options = {}) => {
    const found = { versions: [], markers: [], prefixes: [] }
    for (let from = {}; from !== undefined; ) {
      const page = await call('list_object_versions', { Bucket, MaxKeys: 7, ...options, ...from })
      found.versions.push(...(page.Versions ?? []))
      found.markers.push(...(page.DeleteMarkers ?? []))
      found.prefixes.push(...(page.CommonPrefixes ?? []))
      const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page
      from = page.IsTruncated ? { KeyMarker, ...(VersionIdMarker && { VersionIdMarker }) } : undefined
    }
    return found
  }

  await t.test('what was there before has no version id, and is the null version later', async () => {
    assert.equal(await put('before', 'null'), undefined)
    await setVersioning('Enabled')
    const id = await put('before', 'one')
    assert.equal(await read('before'), 'one')
    assert.equal(await read('before', 'null'), 'null')
    const { versions } = await list({ Prefix: 'before' })
    assert.deepEqual(
      versions.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]),
      [
        [id, true],
        ['null', false],
      ],
    )
  })

  await t.test('pages give each of many versions once, newest first', async () => {
    const ids = []
    for (let n = 0; n < 40; n++) ids.unshift(await put('many/a', `${n}`))
    for (let n = 0; n < 5; n++) await put(`many/b${n}`, 'x')
    const { versions } = await list({ Prefix: 'many/a' })
    assert.deepEqual(
      versions.map(({ VersionId }) => VersionId),
      ids,
    )
    const { versions: outside, prefixes } = await list({ Delimiter: '/' })
    assert.deepEqual(prefixes, [{ Prefix: 'many/' }])
    assert.deepEqual(
      outside.map(({ Key }) => Key),
      ['before', 'before'],
    )
  })

  await t.test('a deleted object is brought back by a copy of an older version', async () => {
    const VersionId = await put('restored', 'worth keeping')
    await put('restored', 'a mistake')
    await call('delete_object', { Bucket, Key: 'restored' })
    await assert.rejects(read('restored'), /NoSuchKey/)
    await call('copy_object', {
      Bucket,
      Key: 'restored',
      CopySource: { Bucket, Key: 'restored', VersionId },
    })
    assert.equal(await read('restored'), 'worth keeping')
  })

  await t.test('suspended, writes take the place of the null version alone', async () => {
    const VersionId = await put('suspended', 'kept')
    await setVersioning('Suspended')
    assert.equal((await call('get_bucket_versioning', { Bucket })).Status, 'Suspended')
    assert.equal(await put('suspended', 'null one'), 'null')
    assert.equal(await put('suspended', 'null two'), 'null')
    assert.equal(await read('suspended', VersionId), 'kept')
    const { VersionId: marker, DeleteMarker } = await call('delete_object', { Bucket, Key: 'suspended' })
    assert.deepEqual([marker, DeleteMarker], ['null', true])
    const { versions, markers } = await list({ Prefix: 'suspended' })
    assert.deepEqual(
      [versions.map((each) => each.VersionId), markers.map((each) => each.VersionId)],
      [[VersionId], ['null']],
    )
  })

  await t.test('a bucket goes when its versions and markers have gone', async () => {
    await assert.rejects(call('delete_bucket', { Bucket }), /BucketNotEmpty/)
    const { versions, markers } = await list()
    const Objects = [...versions, ...markers].map(({ Key, VersionId }) => ({ Key, VersionId }))
    const { Deleted, Errors } = await call('delete_objects', { Bucket, Delete: { Objects } })
    assert.deepEqual([Deleted.length, Errors], [Objects.length, undefined])
    await call('delete_bucket', { Bucket })
  })
})
