import assert from 'node:assert/strict'
import test from 'node:test'
import { Engine, EngineError, isEngineError, type LifecycleRule } from '@aquifer/engine'
import { type Change, type KvStore, MemoryBlobStore, MemoryKvStore } from '@aquifer/engine/stores'

/** A store that can be full: then it carries out only what says that it frees space. */
function fillable(store: KvStore): { kv: KvStore; fill(): void } {
  let isFull = false
  const kv = new Proxy(store, {
    get(target, name) {
      if (name === 'commit')
        return async (change: Change) => {
          if (isFull && change.puts.length > 0 && !change.freesSpace)
            throw new EngineError('StorageFull', 'The store is full.', {})
          return target.commit(change)
        }
      const member = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  return {
    kv,
    fill: () => {
      isFull = true
    },
  }
}

test('a full store refuses writes, and takes all that makes room', async () => {
  const { kv, fill } = fillable(MemoryKvStore.open())
  const blobs = await MemoryBlobStore.open()
  const engine = await Engine.open({ stores: { kv, blobs }, background: false, inlineMaxBytes: 10 })
  for (const name of ['photos', 'empty']) await engine.createBucket(name)
  const photos = engine.bucket('photos')
  const bytes = Buffer.from('more bytes than ride on a row')
  for (const key of ['small', 'large', 'source', 'lender'])
    await photos.put(key, key === 'small' ? bytes.subarray(0, 5) : bytes)
  await photos.copy({ key: 'source' }, 'copy')
  const completed = await photos.createUpload('completed')
  await completed.complete([await completed.copyPart(1, { key: 'lender' })])
  const open = await photos.createUpload('open')
  await open.putPart(1, bytes)
  await engine.bucket('empty').createUpload('left')

  fill()
  await assert.rejects(photos.put('new', bytes), (error) => isEngineError(error, 'StorageFull'))
  await engine.bucket('empty').remove()
  await open.abort()
  for (const key of ['small', 'large', 'source', 'copy', 'lender', 'completed']) await photos.delete(key)
  await engine.reclaim()
  await photos.remove()
  await engine.reclaim()
  for await (const id of blobs.list()) assert.fail(`blob ${id} is still there`)
  await engine.close()
})

test('what lifecycle rules have due goes from a full store, and so does what hides it', async () => {
  const { kv, fill } = fillable(MemoryKvStore.open())
  const engine = await Engine.open({ stores: { kv, blobs: await MemoryBlobStore.open() }, background: false })
  const rules: LifecycleRule[] = [
    { id: 'day', status: 'enabled', expiration: { days: 1 } },
    { id: 'old', status: 'enabled', noncurrentVersionExpiration: { noncurrentDays: 1 } },
    { id: 'uploads', status: 'enabled', abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } },
  ]
  for (const name of ['plain', 'versioned']) {
    await engine.createBucket(name)
    const bucket = engine.bucket(name)
    if (name === 'versioned') await bucket.setConfiguration('versioning', 'enabled')
    await bucket.setConfiguration('lifecycle', { rules })
    await bucket.put('a', Buffer.from('bytes'))
    await bucket.put('a', Buffer.from('others'))
    await bucket.createUpload('a')
  }
  for await (const _ of engine.sweep({ now: new Date() }));
  fill()
  const done: string[] = []
  const inTenDays = new Date(Date.now() + 10 * 86_400_000)
  for await (const { bucket, action } of engine.sweep({ now: inTenDays })) done.push(`${bucket} ${action}`)
  assert.deepEqual(done.sort(), [
    ...['plain abort-upload', 'plain expire', 'versioned abort-upload', 'versioned expire'],
    ...[
      'versioned remove-noncurrent',
      'versioned remove-noncurrent',
      'versioned remove-delete-marker',
    ].sort(),
  ])
  await engine.close()
})
