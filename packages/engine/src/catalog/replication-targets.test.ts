import assert from 'node:assert/strict'
import test from 'node:test'
import { MemoryKvStore } from '../kv/memory/memory-kv-store.js'
import { bucketKey } from './keys.js'
import { encodeBucket } from './records/bucket-record.js'
import { findSource } from './replication-targets.js'

test('a target was made for the bucket of its id, and for no other that has the name now', async () => {
  const kv = MemoryKvStore.open()
  const [id, other] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)]
  const value = encodeBucket({ bucketId: id, createdMs: 1, state: 'live' })
  await kv.commit({ checks: [], puts: [{ key: bucketKey('photos'), value }], deletes: [] })
  const find = (sourceBucket: string, sourceBucketId: Uint8Array) =>
    findSource(kv, { sourceBucket, sourceBucketId })
  assert.deepEqual((await find('photos', id))?.bucketId, id)
  assert.equal(await find('photos', other), undefined)
  assert.equal(await find('others', id), undefined)
})
