import assert from 'node:assert/strict'
import test from 'node:test'
import { Engine, EngineError, isEngineError } from '@aquifer/engine'
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
