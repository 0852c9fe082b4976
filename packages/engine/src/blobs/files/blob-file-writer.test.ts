import assert from 'node:assert/strict'
import test from 'node:test'
import type { Clock } from '../../clock.js'
import type { DiskFile } from '../../disk.js'
import { isEngineError } from '../../errors.js'
import { BlobFileWriter } from './blob-file-writer.js'
import { BLOCK_BYTES } from './blob-format.js'
import { BufferBudget, LARGE_BYTES } from './buffer-budget.js'

const MIB = 1024 * 1024

/** A file that keeps nothing, whose syncs end when they are told to. */
class LazyFile implements DiskFile {
  writtenBytes = 0
  /** What each sync covered. */
  readonly synced: number[] = []
  readonly pending: { end(error?: Error): void }[] = []
  closed = 0
  openAtClose = 0

  async write(bytes: Uint8Array, offset: number): Promise<void> {
    this.writtenBytes = Math.max(this.writtenBytes, offset + bytes.byteLength)
  }
  sync(): Promise<void> {
    this.synced.push(this.writtenBytes)
    return new Promise((resolve, reject) => {
      const sync = {
        end: (error?: Error) => {
          this.pending.splice(this.pending.indexOf(sync), 1)
          if (error === undefined) resolve()
          else reject(error)
        },
      }
      this.pending.push(sync)
    })
  }
  async close(): Promise<void> {
    this.closed++
    this.openAtClose = this.pending.length
  }
  read = async () => 0
  truncate = async () => {}
  size = async () => this.writtenBytes
}

function opened() {
  const file = new LazyFile()
  const writer = new BlobFileWriter(1, {
    file,
    checksum: () => 0n,
    buffers: new BufferBudget(),
    clock: { now: () => 0, monotonic: () => 0 },
    syncDirectory: async () => {},
    remove: async () => {},
    released: () => {},
  })
  return { file, writer }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('the disk begins with a large blob long before its end, with one sync at a time', async () => {
  const { file, writer } = opened()
  for (let n = 0; n < 40; n++) await writer.write(new Uint8Array(MIB))
  assert.equal(file.pending.length, 1)
  assert.equal(file.synced[0], 17 * MIB)
  file.pending[0]!.end()
  await turn()
  for (let n = 0; n < 10; n++) await writer.write(new Uint8Array(MIB))
  assert.equal(file.pending.length, 1)
  const finishing = writer.finish()
  await turn()
  file.pending[0]!.end()
  await turn()
  assert.equal(file.synced.at(-1), file.writtenBytes, 'the last sync covers everything')
  file.pending[0]!.end()
  await finishing
  assert.deepEqual([file.closed, file.openAtClose], [1, 0])
})

test('a sync that failed early fails the blob, whatever later syncs say', async () => {
  for (const isFinishing of [false, true]) {
    const { file, writer } = opened()
    for (let n = 0; n < 20; n++) await writer.write(new Uint8Array(MIB))
    const finishing = isFinishing ? writer.finish() : undefined
    finishing?.catch(() => {})
    await turn()
    file.pending[0]!.end(Object.assign(new Error('no'), { code: 'EIO' }))
    await turn()
    for (const sync of file.pending) sync.end()
    const attempt = finishing ?? writer.write(new Uint8Array(MIB))
    await assert.rejects(attempt, (error) => isEngineError(error, 'StorageUnavailable'))
    await turn()
    assert.deepEqual([file.closed, file.openAtClose], [1, 0])
  }
})

test('a writer that is aborted waits for a sync under way before it closes the file', async () => {
  const { file, writer } = opened()
  for (let n = 0; n < 20; n++) await writer.write(new Uint8Array(MIB))
  const aborting = writer.abort()
  await turn()
  assert.equal(file.closed, 0)
  file.pending[0]!.end()
  await aborting
  assert.deepEqual([file.closed, file.openAtClose], [1, 0])
})

/** The sizes of what is written to the file while a client sends so many bytes, a block each `blockMs`. */
async function writesOf(sizeBytes: number, blockMs: number, buffers = new BufferBudget()): Promise<number[]> {
  const writes: number[] = []
  let now = 0
  const clock: Clock = { now: () => now, monotonic: () => now }
  const file = {
    async write(bytes: Uint8Array) {
      writes.push(bytes.byteLength)
    },
    async sync() {},
    async close() {},
  } as Partial<DiskFile> as DiskFile
  const writer = new BlobFileWriter(1, {
    file,
    clock,
    buffers,
    checksum: () => 0n,
    syncDirectory: async () => {},
    remove: async () => {},
    released: () => {},
  })
  for (let sent = 0; sent < sizeBytes; sent += BLOCK_BYTES / 4) {
    now += blockMs / 4
    await writer.write(new Uint8Array(BLOCK_BYTES / 4))
  }
  const during = [...writes]
  await writer.finish()
  return during
}

test('a quick upload is written by the megabyte', async () => {
  assert.deepEqual(await writesOf(3 * LARGE_BYTES, 1), [LARGE_BYTES, LARGE_BYTES, LARGE_BYTES])
})

test('a slow upload holds a block, and leaves the large buffers to others', async () => {
  const buffers = new BufferBudget()
  const writes = await writesOf(4 * BLOCK_BYTES, 3_000, buffers)
  assert.deepEqual(writes, [BLOCK_BYTES, BLOCK_BYTES, BLOCK_BYTES, BLOCK_BYTES])
})

test('where all large buffers are taken, quick uploads go block by block', async () => {
  const buffers = new BufferBudget()
  while (buffers.takeLarge());
  assert.deepEqual(await writesOf(2 * BLOCK_BYTES, 1, buffers), [BLOCK_BYTES, BLOCK_BYTES])
})
