import { join } from 'node:path'
import pLimit from 'p-limit'
import { systemClock } from '../../clock.js'
import { type Disk, type DiskFile, makeDirectoryDurably, nodeDisk } from '../../disk.js'
import { corruptBlob, engineClosed, storageUnavailable } from '../../errors.js'
import { loadXxhash } from '../../xxhash.js'
import type { BlobId, BlobStore, BlobStretch, BlobWriter, CreateOptions } from '../blobs.js'
import { checkBlobId, checkStretch } from '../check-arguments.js'
import { BlobFileReader, type FirstRead } from './blob-file-reader.js'
import { BlobFileWriter } from './blob-file-writer.js'
import type { Checksum } from './blob-format.js'
import { blobDirectory, blobPath, findBlobId, isBlobDirectory } from './blob-path.js'
import { BufferBudget, LARGE_BYTES } from './buffer-budget.js'
import { DirectorySyncs } from './directory-syncs.js'
import { readFailure, writeFailure } from './disk-failure.js'
import { Pace } from './pace.js'
import { ReadBuffers } from './read-buffers.js'
import { readStretch } from './read-stretch.js'

const REMOVE_CONCURRENCY = 8

export interface FileBlobStoreOptions {
  /** Made where it is missing. Nothing else may keep files in it. */
  directory: string
  /** @defaultValue the machine's own file system */
  disk?: Disk
}

/** Blobs as files, one each, checked by xxh64 per 64 KiB. It finds accidents, not tampering. */
export class FileBlobStore implements BlobStore, AsyncDisposable {
  readonly #directory: string
  readonly #disk: Disk
  readonly #checksum: Checksum
  readonly #syncs: DirectorySyncs
  readonly #made = new Map<string, Promise<void>>()
  readonly #writing = BufferBudget.forWriters()
  readonly #reading = BufferBudget.forReaders()
  readonly #holders = new Set<() => Promise<void>>()
  #closing: Promise<void> | undefined

  private constructor(directory: string, disk: Disk, checksum: Checksum) {
    this.#directory = directory
    this.#disk = disk
    this.#checksum = checksum
    this.#syncs = new DirectorySyncs(disk)
  }

  static async open({ directory, disk = nodeDisk }: FileBlobStoreOptions): Promise<FileBlobStore> {
    const { h64Raw } = await loadXxhash()
    const store = new FileBlobStore(directory, disk, h64Raw)
    try {
      await makeDirectoryDurably(disk, directory)
      const found = (await disk.list(directory)).filter(isBlobDirectory)
      // A process that died may have made them without their sync.
      await disk.syncDirectory(directory)
      for (const name of found) store.#made.set(join(directory, name), Promise.resolve())
    } catch (error) {
      throw storageUnavailable('absent', `The blobs in ${directory} cannot be opened: ${error}.`, error)
    }
    return store
  }

  async create(id: BlobId, { tap }: CreateOptions = {}): Promise<BlobWriter> {
    checkBlobId(id)
    this.#checkOpen()
    const directory = blobDirectory(this.#directory, id)
    try {
      await this.#makeDirectory(directory)
      const file = await this.#disk.open(blobPath(this.#directory, id), 'create')
      const release = () => this.#holders.delete(stop)
      const writer = new BlobFileWriter(id, {
        file,
        checksum: this.#checksum,
        buffers: this.#writing,
        clock: systemClock,
        syncDirectory: () => this.#syncs.sync(directory),
        remove: () => this.#remove([id]),
        released: () => release(),
        ...(tap && { tap }),
      })
      const stop = () => writer.stop()
      this.#holders.add(stop)
      if (this.#closing !== undefined) {
        await stop()
        throw engineClosed()
      }
      return writer
    } catch (error) {
      throw writeFailure(id, error)
    }
  }

  async *read(
    id: BlobId,
    stretch: BlobStretch,
    { signal, borrows = false }: { signal?: AbortSignal; borrows?: boolean } = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    checkBlobId(id)
    checkStretch(stretch)
    const check = () => {
      this.#checkOpen()
      signal?.throwIfAborted()
    }
    check()
    const buffers = new ReadBuffers(this.#reading, borrows)
    const room = stretch.length <= LARGE_BYTES ? buffers.findLarge(false) : undefined
    const first = room && { stretch, buffer: room.buffer }
    const { reader, close } = await this.#openReader(id, first).catch((error) => {
      room?.release()
      throw error
    })
    try {
      const { payloadBytes } = reader.layout
      if (stretch.offset + stretch.length > payloadBytes) {
        throw corruptBlob(id, `it has ${payloadBytes} bytes, fewer than were asked for`, payloadBytes)
      }
      yield* readStretch(reader, stretch, buffers, new Pace(systemClock), check)
    } finally {
      room?.release()
      await close()
    }
  }

  async remove(ids: readonly BlobId[]): Promise<void> {
    for (const id of ids) checkBlobId(id)
    this.#checkOpen()
    await this.#remove(ids)
  }

  async *list(): AsyncIterable<BlobId> {
    this.#checkOpen()
    try {
      for (const name of await this.#disk.list(this.#directory)) {
        if (!isBlobDirectory(name)) continue
        for (const file of await this.#disk.list(join(this.#directory, name))) {
          const id = findBlobId(file)
          if (id !== undefined) yield id
        }
      }
    } catch (error) {
      throw storageUnavailable('absent', `The blobs in ${this.#directory} cannot be listed: ${error}.`, error)
    }
  }

  async verify(id: BlobId, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    checkBlobId(id)
    const check = () => {
      this.#checkOpen()
      signal?.throwIfAborted()
    }
    check()
    const { reader, close } = await this.#openReader(id)
    try {
      const stretch = { offset: 0, length: reader.layout.payloadBytes }
      const buffers = new ReadBuffers(this.#reading, true)
      for await (const _verified of readStretch(reader, stretch, buffers, new Pace(systemClock), check));
    } finally {
      await close()
    }
  }

  async close(): Promise<void> {
    this.#closing ??= this.#stopAll()
    await this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw engineClosed()
  }

  async #stopAll(): Promise<void> {
    const stopped = await Promise.allSettled([...this.#holders].map((stop) => stop()))
    const failures = stopped.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    if (failures.length > 0) throw new AggregateError(failures, 'Not every blob under way could be closed.')
  }

  async #openReader(
    id: BlobId,
    first?: FirstRead,
  ): Promise<{ reader: BlobFileReader; close: () => Promise<void> }> {
    let file: DiskFile
    try {
      file = await this.#disk.open(blobPath(this.#directory, id), 'read')
    } catch (error) {
      throw readFailure(id, error)
    }
    let closing: Promise<void> | undefined
    const close = () => {
      this.#holders.delete(close)
      // What was read has been verified: a failure here takes nothing of it back, and the descriptor is gone.
      closing ??= file.close().catch(() => {})
      return closing
    }
    this.#holders.add(close)
    try {
      this.#checkOpen()
      return { reader: await BlobFileReader.open(id, file, this.#checksum, first), close }
    } catch (error) {
      await close()
      throw readFailure(id, error)
    }
  }

  /** Once per directory, its entry durable; a failure is tried again by the next who comes. */
  async #makeDirectory(path: string): Promise<void> {
    let made = this.#made.get(path)
    if (made === undefined) {
      made = this.#disk.makeDirectory(path).then(() => this.#syncs.sync(this.#directory))
      this.#made.set(path, made)
      made.catch(() => this.#made.delete(path))
    }
    await made
  }

  async #remove(ids: readonly BlobId[]): Promise<void> {
    const limit = pLimit(REMOVE_CONCURRENCY)
    const directories = new Set(ids.map((id) => blobDirectory(this.#directory, id)))
    const unlinked = await Promise.allSettled(ids.map((id) => limit(() => this.#unlink(id))))
    for (const [at, outcome] of unlinked.entries()) {
      if (outcome.status === 'rejected') throw writeFailure(ids[at]!, outcome.reason)
    }
    // Even where nothing was there to unlink: an earlier removal may have died before its sync.
    const synced = await Promise.allSettled(
      [...directories].map((path) => limit(() => unlessMissing(this.#syncs.sync(path)))),
    )
    for (const outcome of synced)
      if (outcome.status === 'rejected') throw writeFailure(ids[0]!, outcome.reason)
  }

  #unlink(id: BlobId): Promise<void> {
    return unlessMissing(this.#disk.unlink(blobPath(this.#directory, id)))
  }
}

async function unlessMissing(done: Promise<void>): Promise<void> {
  try {
    await done
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
