import { corruptBlob, engineClosed, storageUnavailable } from '../../errors.js'
import type { BlobId, BlobStore, BlobStretch, BlobWriter, CreateOptions } from '../blobs.js'
import { checkBlobId, checkStretch } from '../check-arguments.js'

interface Blob {
  readonly chunks: Uint8Array[]
  sizeBytes: number
  finished: boolean
}

/** Blobs in memory, gone at close: for tests and for engines without a directory. */
export class MemoryBlobStore implements BlobStore, AsyncDisposable {
  readonly #blobs = new Map<BlobId, Blob>()
  #closed = false

  private constructor() {}

  static async open(): Promise<MemoryBlobStore> {
    return new MemoryBlobStore()
  }

  async create(id: BlobId, { tap }: CreateOptions = {}): Promise<BlobWriter> {
    checkBlobId(id)
    this.#checkOpen()
    if (this.#blobs.has(id)) throw storageUnavailable('absent', `Blob ${id} is there already.`)
    const blob: Blob = { chunks: [], sizeBytes: 0, finished: false }
    this.#blobs.set(id, blob)
    const checkOpen = () => {
      this.#checkOpen()
      if (this.#blobs.get(id) !== blob) throw new TypeError(`The writer of blob ${id} was aborted.`)
      if (blob.finished) throw new TypeError(`Blob ${id} is finished: nothing can be added.`)
    }
    return {
      write: async (chunk) => {
        checkOpen()
        blob.chunks.push(Uint8Array.from(chunk)) // `slice` of a Buffer would share its memory.
        blob.sizeBytes += chunk.byteLength
        await tap?.(chunk)
      },
      finish: async () => {
        checkOpen()
        blob.finished = true
        return { sizeBytes: blob.sizeBytes }
      },
      abort: async () => {
        if (!blob.finished && this.#blobs.get(id) === blob) this.#blobs.delete(id)
      },
    }
  }

  async *read(
    id: BlobId,
    { offset, length }: BlobStretch,
    { signal }: { signal?: AbortSignal } = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    checkBlobId(id)
    checkStretch({ offset, length })
    this.#checkOpen()
    signal?.throwIfAborted()
    const blob = this.#getFinished(id)
    const end = offset + length
    if (end > blob.sizeBytes) {
      throw corruptBlob(id, `it has ${blob.sizeBytes} bytes, fewer than were asked for`, blob.sizeBytes)
    }
    let chunkStart = 0
    for (const chunk of blob.chunks) {
      const from = Math.max(0, offset - chunkStart)
      const to = Math.min(chunk.byteLength, end - chunkStart)
      chunkStart += chunk.byteLength
      if (to <= from) continue
      this.#checkOpen()
      signal?.throwIfAborted()
      yield Uint8Array.prototype.slice.call(chunk, from, to)
    }
  }

  async remove(ids: readonly BlobId[]): Promise<void> {
    for (const id of ids) checkBlobId(id)
    this.#checkOpen()
    for (const id of ids) this.#blobs.delete(id)
  }

  async *list(): AsyncIterable<BlobId> {
    this.#checkOpen()
    yield* [...this.#blobs.keys()]
  }

  async verify(id: BlobId, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    checkBlobId(id)
    this.#checkOpen()
    signal?.throwIfAborted()
    this.#getFinished(id)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#blobs.clear()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #checkOpen(): void {
    if (this.#closed) throw engineClosed()
  }

  #getFinished(id: BlobId): Blob {
    const blob = this.#blobs.get(id)
    if (blob === undefined) throw corruptBlob(id, 'it is missing')
    if (!blob.finished) throw corruptBlob(id, 'it was never finished')
    return blob
  }
}
