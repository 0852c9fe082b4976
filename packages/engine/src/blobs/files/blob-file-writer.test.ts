import assert from 'node:assert/strict'
import test from 'node:test'
import type { DiskFile } from '../../disk.js'
import { isEngineError } from '../../errors.js'
import { BlobFileWriter } from './blob-file-writer.js'
import { BufferBudget } from './buffer-budget.js'

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
