import assert from 'node:assert/strict'
import test from 'node:test'
import { isEngineError } from '../../errors.js'
import type { DiskFault } from '../../testing/simulated-disk/faults.js'
import { SimulatedDisk } from '../../testing/simulated-disk/simulated-disk.js'
import { sweepFaults } from '../../testing/simulated-disk/sweep-faults.js'
import type { BlobId } from '../blobs.js'
import { FileBlobStore } from './file-blob-store.js'

const DIRECTORY = '/data/blobs'
const SIZES = new Map<BlobId, number>([
  [1, 70_000],
  [2, 1_500_000],
  [3, 0],
  [4, 3_000],
  [300, 1_048_576],
  [301, 150_000],
  [5, 200_000],
])
const ABORTED = 301

const contents = new Map(
  [...SIZES].map(([id, sizeBytes]) => [id, new Uint8Array(sizeBytes).map((_, at) => id ^ (at >> 9))]),
)
const contentOf = (id: BlobId) => contents.get(id)!

/** What was told to the caller, and so must hold. */
class Told {
  readonly finished = new Set<BlobId>()
  readonly removed = new Set<BlobId>()
  /** Asked for, without an answer or with an error: either way is right. */
  readonly inDoubt = new Set<BlobId>()
}

/** Many writers at once, one that aborts midway, a removal, one more blob, some reading. Goes on after errors. */
async function scenario(disk: SimulatedDisk, told: Told): Promise<void> {
  const store = await FileBlobStore.open({ directory: DIRECTORY, disk })
  try {
    await Promise.all([1, 2, 3, 4, 300, 301].map((id) => attempt(() => write(store, id, told))))
    told.inDoubt.add(1)
    await attempt(async () => {
      await store.remove([1, 4_000])
      told.removed.add(1)
    })
    await attempt(() => write(store, 5, told))
    for (const id of told.finished) if (!told.inDoubt.has(id)) await attempt(() => read(store, id))
  } finally {
    await attempt(() => store.close())
  }
}

async function write(store: FileBlobStore, id: BlobId, told: Told): Promise<void> {
  const content = contentOf(id)
  const writer = await store.create(id)
  try {
    for (let at = 0; at < content.byteLength; at += 100_000) {
      if (id === ABORTED && at > 0) return await writer.abort()
      await writer.write(content.subarray(at, at + 100_000))
    }
    assert.equal((await writer.finish()).sizeBytes, content.byteLength)
    told.finished.add(id)
  } catch (error) {
    await attempt(() => writer.abort())
    throw error
  }
}

async function read(store: FileBlobStore, id: BlobId): Promise<void> {
  const content = contentOf(id)
  let at = 0
  for await (const chunk of store.read(id, { offset: 0, length: content.byteLength })) {
    assert.equal(Buffer.compare(chunk, content.subarray(at, at + chunk.byteLength)), 0)
    at += chunk.byteLength
  }
  assert.equal(at, content.byteLength)
}

/** Only what callers are told to expect may go wrong. */
async function attempt(step: () => Promise<void>): Promise<void> {
  try {
    await step()
  } catch (error) {
    for (const each of error instanceof AggregateError ? error.errors : [error]) {
      if (!isEngineError(each) || each.code === 'EngineClosed') throw each
    }
  }
}

async function check(disk: SimulatedDisk, told: Told): Promise<void> {
  const store = await FileBlobStore.open({ directory: DIRECTORY, disk })
  const listed = new Set<BlobId>()
  for await (const id of store.list()) listed.add(id)
  for (const id of told.finished) {
    if (!told.inDoubt.has(id)) await read(store, id)
  }
  for (const id of told.removed) assert.ok(!listed.has(id), `the removed blob ${id} came back`)
  for (const id of listed) {
    if (told.finished.has(id) && !told.inDoubt.has(id)) continue
    await read(store, id).catch((error) => assert.ok(isEngineError(error, 'CorruptBlob'), String(error)))
  }
  await store.remove([...listed])
  await store.close()
  assert.deepEqual(disk.openFiles, [])
  const after = await FileBlobStore.open({ directory: DIRECTORY, disk: disk.crash(1) })
  for await (const id of after.list())
    assert.fail(`the removed blob ${id} came back after a second power cut`)
}

test('a power cut at any call loses no finished blob, brings back no removed one, and invents no bytes', async () => {
  let outcomes = 0
  const struck = await sweepFaults({
    fault: { kind: 'power-cut' },
    async run(disk, call) {
      const told = new Told()
      await attempt(() => scenario(disk, told))
      for (let seed = 0; seed < 8; seed++) {
        await check(disk.crash(call * 100 + seed), told)
        outcomes++
      }
    },
  })
  assert.ok(struck > 60, `${struck} calls`)
  assert.ok(outcomes > 480)
})

test('a process killed at any call leaves what the next one can go on from, and a power cut then harms nothing', async () => {
  await sweepFaults({
    fault: { kind: 'power-cut' },
    async run(disk, call) {
      const told = new Told()
      await attempt(() => scenario(disk, told))
      const next = disk.kill()
      const store = await FileBlobStore.open({ directory: DIRECTORY, disk: next })
      const unfinished = [1, 2, 3, 4, 300, 301].filter((id) => !told.finished.has(id))
      await store.remove(unfinished)
      for (const id of unfinished) await write(store, id, told)
      for (let seed = 0; seed < 4; seed++) await check(next.crash(call * 100 + seed), told)
    },
  })
})

test('a failed write leaves nothing open, even if it is never aborted', async () => {
  const disk = new SimulatedDisk()
  const store = await FileBlobStore.open({ directory: DIRECTORY, disk })
  const writer = await store.create(1)
  disk.inject({ when: ({ operation }) => operation === 'write', fault: { kind: 'error', code: 'EIO' } })
  await assert.rejects(writer.finish(), { code: 'StorageUnavailable', details: { outcome: 'absent' } })
  await assert.rejects(writer.write(new Uint8Array(1)), { code: 'StorageUnavailable' })
  assert.deepEqual(disk.openFiles, [])
  await writer.abort()
  for await (const id of store.list()) assert.fail(`blob ${id} is still there`)
  await store.close()
})

for (const fault of [
  { kind: 'error', code: 'EIO' },
  { kind: 'error', code: 'ENOSPC' },
  { kind: 'partial', code: 'EIO' },
  { kind: 'partial', code: 'ENOSPC' },
] satisfies DiskFault[]) {
  test(`${fault.code} (${fault.kind}) at any call is told, leaks no open file, and harms no other blob`, async () => {
    const struck = await sweepFaults({
      fault,
      async run(disk, call) {
        const told = new Told()
        await attempt(() => scenario(disk, told))
        assert.deepEqual(disk.openFiles, [])
        for (let seed = 0; seed < 4; seed++) await check(disk.crash(call * 100 + seed), told)
      },
    })
    assert.ok(struck > 60, `${struck} calls`)
  })
}

test('a full disk says StorageFull, and takes blobs again when there is room', async () => {
  const disk = new SimulatedDisk({ capacityBytes: 1_000_000 })
  const store = await FileBlobStore.open({ directory: '/blobs', disk })
  const told = new Told()
  await write(store, 1, told)
  await assert.rejects(write(store, 300, told), { code: 'StorageFull' })
  assert.ok(disk.usedBytes < 100_000)
  await write(store, 5, told)
  for (const id of [1, 5]) await read(store, id)
  await store.close()
})

test('a flipped bit is never given out, whichever read it befell', async () => {
  const disk = new SimulatedDisk()
  const store = await FileBlobStore.open({ directory: '/blobs', disk })
  await write(store, 2, new Told())
  let found = 0
  for (let n = 0; n < 40; n++) {
    let reads = n % 4
    disk.inject({
      when: ({ operation }) => operation === 'read' && reads-- === 0,
      fault: { kind: 'flip' },
    })
    // A flip in what is read along and not used harms nobody; `read` compares every byte.
    await read(store, 2).catch((error) => {
      assert.ok(isEngineError(error, 'CorruptBlob'), String(error))
      found++
    })
  }
  assert.ok(found >= 20, `${found} of 40`)
  await read(store, 2)
  await store.close()
})
