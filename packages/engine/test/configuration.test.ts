import assert from 'node:assert/strict'
import test from 'node:test'
import { Engine, isEngineError } from '@aquifer/engine'
import { MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'

const code = (expected: string) => (error: unknown) => isEngineError(error) && error.code === expected

test('versioning was never set, then is enabled, suspended and enabled again, and cannot be taken back', async () => {
  await using engine = await Engine.open()
  await engine.createBucket('photos')
  const photos = engine.bucket('photos')
  assert.equal(await photos.getConfiguration('versioning'), undefined)
  for (const state of ['enabled', 'enabled', 'suspended', 'enabled'] as const) {
    await photos.setConfiguration('versioning', state)
    assert.equal(await photos.getConfiguration('versioning'), state)
  }
  await assert.rejects(
    photos.setConfiguration('versioning', undefined),
    code('IllegalVersioningConfigurationException'),
  )
  assert.equal(await photos.getConfiguration('versioning'), 'enabled')
})

test('documents of a bucket outlive its engine, do not outlive the bucket, and leave nothing behind', async () => {
  const kv = MemoryKvStore.open()
  kv.close = async () => {} // It is there for the next engine.
  const open = async () => Engine.open({ stores: { kv, blobs: await MemoryBlobStore.open() } })
  {
    await using engine = await open()
    await engine.createBucket('photos', { tags: { a: '1' } })
    await engine.bucket('photos').setConfiguration('tagging', { b: '2' })
  }
  await using engine = await open()
  const photos = engine.bucket('photos')
  assert.deepEqual(await photos.getConfiguration('tagging'), { b: '2' })
  await photos.remove()
  await engine.createBucket('photos')
  assert.equal(await photos.getConfiguration('tagging'), undefined)
  await engine.reclaim()
  const { rows } = await kv.scan({ from: Uint8Array.of(0x63), to: Uint8Array.of(0x64), limit: 10 })
  assert.deepEqual(rows, [])
})

test('tags of a bucket make no write of an object decide again, and what writes rest on makes all', async () => {
  const kv = MemoryKvStore.open()
  await using engine = await Engine.open({ stores: { kv, blobs: await MemoryBlobStore.open() } })
  await engine.createBucket('photos')
  const revision = async () => (await kv.get(Buffer.from('bphotos')))?.revision
  const before = await revision()
  await engine.bucket('photos').setConfiguration('tagging', { a: '1' })
  assert.equal(await revision(), before)
  await engine.bucket('photos').setConfiguration('versioning', 'enabled')
  const versioned = await revision()
  assert.notEqual(versioned, before)
  await engine.bucket('photos').setConfiguration('objectLock', {})
  assert.notEqual(await revision(), versioned)
})

test('a policy is kept as it was given, and one that cannot be read is refused', async () => {
  await using engine = await Engine.open()
  await engine.createBucket('photos')
  const photos = engine.bucket('photos')
  const text = (resource: string) =>
    ` {"Statement": {"Effect":"Deny","Principal":"*",\n"Action":"s3:*","Resource":"arn:aws:s3:::${resource}"}}`
  await photos.setConfiguration('policy', text('photos'))
  await assert.rejects(photos.setConfiguration('policy', text('others')), code('MalformedPolicy'))
  await assert.rejects(photos.setConfiguration('policy', ''), code('MalformedPolicy'))
  assert.equal(await photos.getConfiguration('policy'), text('photos'))
  await photos.setConfiguration('policy', undefined)
  assert.equal(await photos.getConfiguration('policy'), undefined)
})

test('a write under way when a default retention is set is locked by it', async () => {
  await using engine = await Engine.open()
  await engine.createBucket('photos', { objectLock: true })
  const photos = engine.bucket('photos')
  let sent = () => {}
  const isSending = new Promise<void>((resolve) => {
    sent = resolve
  })
  async function* body() {
    yield Buffer.from('begun')
    await isSending
  }
  const writing = photos.put('k', body())
  await photos.setConfiguration('objectLock', { defaultRetention: { mode: 'compliance', days: 1 } })
  sent()
  assert.equal((await writing).retention?.mode, 'compliance')
})

test('a bucket that is not there has no configuration and takes none', async () => {
  await using engine = await Engine.open()
  const nowhere = engine.bucket('nowhere')
  await assert.rejects(nowhere.getConfiguration('versioning'), code('NoSuchBucket'))
  await assert.rejects(nowhere.setConfiguration('versioning', 'enabled'), code('NoSuchBucket'))
})
