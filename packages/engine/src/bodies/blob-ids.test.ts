import assert from 'node:assert/strict'
import test from 'node:test'
import { MemoryBlobStore } from '../blobs/memory/memory-blob-store.js'
import { Draft } from '../catalog/draft.js'
import { storageUnavailable } from '../errors.js'
import type { Change } from '../kv/kv.js'
import { MemoryKvStore } from '../kv/memory/memory-kv-store.js'
import { BlobIds } from './blob-ids.js'

async function useNext(kv: MemoryKvStore, blobIds: BlobIds): Promise<number> {
  const id = await blobIds.next()
  const draft = new Draft(kv)
  blobIds.settle(id, draft)
  await kv.commit(draft.toChange())
  await blobIds.settled(id)
  return id
}

async function rowsOf(kv: MemoryKvStore): Promise<number> {
  const { rows } = await kv.scan({ from: Uint8Array.of(0), to: Uint8Array.of(255), limit: 10_000 })
  return rows.length
}

test('an id is given out once, also by the next process', async () => {
  const kv = MemoryKvStore.open()
  const blobs = await MemoryBlobStore.open()
  const given = new Set<number>()
  for (let process = 0; process < 3; process++) {
    const blobIds = new BlobIds(kv, blobs)
    await blobIds.recover()
    for (const id of await Promise.all(Array.from({ length: 300 }, () => blobIds.next()))) given.add(id)
  }
  assert.equal(given.size, 900)
})

test('a run whose ids are all settled leaves no rows', async () => {
  const kv = MemoryKvStore.open()
  const blobIds = new BlobIds(kv, await MemoryBlobStore.open())
  for (let count = 0; count < 256 * 3; count++) await useNext(kv, blobIds)
  assert.equal(await rowsOf(kv), 1) // The number of the next run.
})

test('a write that is done stays done although the rows of its run cannot be taken away', async () => {
  const kv = MemoryKvStore.open()
  const blobs = await MemoryBlobStore.open()
  const blobIds = new BlobIds(kv, blobs)
  const commit = kv.commit.bind(kv)
  kv.commit = async (change: Change) => {
    if (change.puts.length === 0) throw storageUnavailable('absent', 'The disk had enough.')
    return commit(change)
  }
  for (let count = 0; count < 256; count++) await useNext(kv, blobIds)
  kv.commit = commit
  await new BlobIds(kv, blobs).recover()
  assert.equal(await rowsOf(kv), 1)
})

test('recovery removes the blobs of ids that nothing settled, and no others', async () => {
  const kv = MemoryKvStore.open()
  const blobs = await MemoryBlobStore.open()
  const blobIds = new BlobIds(kv, blobs)
  const used: number[] = []
  for (let count = 0; count < 300; count++) {
    const id = count % 3 === 0 ? await blobIds.next() : await useNext(kv, blobIds)
    const writer = await blobs.create(id)
    await writer.write(Uint8Array.of(1))
    await writer.finish()
    if (count % 3 !== 0) used.push(id)
  }
  await new BlobIds(kv, blobs).recover()
  const left: number[] = []
  for await (const id of blobs.list()) left.push(id)
  assert.deepEqual(
    left.sort((a, b) => a - b),
    used,
  )
})
