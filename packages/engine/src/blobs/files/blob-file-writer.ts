import { copyInto } from '../../aligned-memory.js'
import type { Clock } from '../../clock.js'
import type { DiskFile } from '../../disk.js'
import { engineClosed } from '../../errors.js'
import type { BlobId, BlobWriter } from '../blobs.js'
import { BLOCK_BYTES, CHECKSUM_BYTES, type Checksum, encodeFooter } from './blob-format.js'
import type { BufferBudget } from './buffer-budget.js'
import { writeFailure } from './disk-failure.js'

/** After so much the disk is told to begin. */
const SYNC_BYTES = 16 * 1024 * 1024

export interface WriterParts {
  readonly file: DiskFile
  readonly checksum: Checksum
  readonly buffers: BufferBudget
  readonly clock: Clock
  syncDirectory(): Promise<void>
  remove(): Promise<void>
  tap?(bytes: Uint8Array): void | Promise<void>
  /** The writer holds nothing any more. */
  released(): void
}

/** A block in this time is 3 MiB/s: who sends more slowly would hold a large buffer for long and gain nothing. */
const BLOCK_MS = 20

/**
 * Gathers large writes, one in flight while the next fills; of a slow writer, a block at a time. Holds 8 bytes of
 * checksum per 64 KiB besides.
 */
export class BlobFileWriter implements BlobWriter {
  readonly #id: BlobId
  readonly #parts: WriterParts
  readonly #seed: bigint
  readonly #checksums: bigint[] = []
  #state: 'open' | 'finishing' | 'finished' | 'failed' | 'aborted' = 'open'
  #failure: Error | undefined
  #gathering: Uint8Array | undefined
  #gatheredBytes = 0
  /** When the buffer that fills was begun, in the clock's milliseconds. */
  #began = 0
  #isQuick = false
  #payloadBytes = 0
  #sentBytes = 0
  #inFlight: Promise<void> = Promise.resolve()
  #syncedBytes = 0
  #syncing: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #finishing: Promise<unknown> | undefined

  constructor(id: BlobId, parts: WriterParts) {
    this.#id = id
    this.#parts = parts
    this.#seed = BigInt(id)
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#checkOpen()
    try {
      for (let taken = 0; taken < chunk.byteLength; ) {
        const buffer = this.#room()
        const part = chunk.subarray(taken, taken + buffer.byteLength - this.#gatheredBytes)
        copyInto(buffer, part, this.#gatheredBytes)
        this.#gatheredBytes += part.byteLength
        taken += part.byteLength
        if (this.#gatheredBytes === buffer.byteLength && !this.#grow()) {
          this.#sumGathered()
          this.#payloadBytes += this.#gatheredBytes
          await this.#send(this.#gatheredBytes)
        }
      }
    } catch (error) {
      throw await this.#fail(error)
    }
    this.#checkOpen()
  }

  async finish(): Promise<{ readonly sizeBytes: number }> {
    this.#checkOpen()
    this.#state = 'finishing'
    const finishing = this.#finish()
    this.#finishing = finishing.catch(() => {})
    await finishing
    return { sizeBytes: this.#payloadBytes }
  }

  async abort(): Promise<void> {
    await this.#finishing
    if (this.#state === 'finished') return
    this.#state = 'aborted'
    this.#failure ??= new Error(`The writer of blob ${this.#id} was aborted.`)
    await this.#close().catch(() => {}) // The bytes are not wanted, and the descriptor is gone all the same.
    try {
      await this.#parts.remove()
    } finally {
      this.#parts.released()
    }
  }

  /** For a store that closes: a finish under way may end, all else stops and is removed. */
  async stop(): Promise<void> {
    this.#failure ??= engineClosed()
    await this.abort()
  }

  async #finish(): Promise<void> {
    const { file } = this.#parts
    try {
      this.#sumGathered()
      this.#payloadBytes += this.#gatheredBytes
      const tail = this.#encodeTail()
      const lastBytes = this.#gatheredBytes
      const room = (this.#gathering?.byteLength ?? 0) - this.#gatheredBytes
      if (tail.byteLength <= room) {
        copyInto(this.#gathering!, tail, this.#gatheredBytes) // One write for all that is left: most blobs are small.
        this.#gatheredBytes += tail.byteLength
      }
      await this.#send(lastBytes)
      await this.#inFlight
      if (tail.byteLength > room) await file.write(tail, this.#payloadBytes)
      await this.#syncing
      if (this.#failure !== undefined) throw this.#failure
      // In either order: nothing names the blob before both are done. Both end before the file may be closed.
      const syncs = await Promise.allSettled([file.sync(), this.#parts.syncDirectory()])
      for (const sync of syncs) if (sync.status === 'rejected') throw sync.reason
      await this.#close()
    } catch (error) {
      throw await this.#fail(error)
    }
    this.#state = 'finished'
    this.#parts.released()
  }

  /** What comes next goes here: a large buffer for a writer who filled the last one quickly, else a block. */
  #room(): Uint8Array {
    if (this.#gathering === undefined) {
      this.#began = this.#parts.clock.monotonic()
      this.#gathering = (this.#isQuick && this.#parts.buffers.findLarge()) || this.#parts.buffers.take()
    }
    return this.#gathering
  }

  /** Whether a full block could be moved to a large buffer: only for a writer who is quick, and while there are any. */
  #grow(): boolean {
    const block = this.#gathering!
    const passedMs = this.#parts.clock.monotonic() - this.#began
    this.#isQuick = passedMs <= (this.#gatheredBytes / BLOCK_BYTES) * BLOCK_MS
    if (!this.#isQuick || block.byteLength > BLOCK_BYTES) return false
    const large = this.#parts.buffers.findLarge()
    if (large === undefined) return false
    copyInto(large, block, 0)
    this.#gathering = large
    this.#parts.buffers.give(block)
    return true
  }

  #sumGathered(): void {
    for (let at = 0; at < this.#gatheredBytes; at += BLOCK_BYTES) {
      const block = this.#gathering!.subarray(at, Math.min(at + BLOCK_BYTES, this.#gatheredBytes))
      this.#checksums.push(this.#parts.checksum(block, this.#seed))
    }
  }

  /** Starts the write of what was gathered, once the one before is done. So much of it, at its beginning, is payload. */
  async #send(payloadBytes: number): Promise<void> {
    await this.#inFlight
    if (this.#failure !== undefined) throw this.#failure
    const buffer = this.#gathering
    if (buffer === undefined) return
    const bytes = buffer.subarray(0, this.#gatheredBytes)
    const offset = this.#sentBytes
    this.#sentBytes += bytes.byteLength
    this.#gathering = undefined
    this.#gatheredBytes = 0
    this.#inFlight = this.#pass(bytes, offset, payloadBytes).finally(() => this.#parts.buffers.give(buffer))
    this.#inFlight.catch(() => {}) // Whoever waits for it next is told.
    if (offset - this.#syncedBytes >= SYNC_BYTES) this.#syncEarly(offset)
  }

  /** To the disk and to who wants to see the bytes, at once. Their memory is free when both are done with it. */
  async #pass(bytes: Uint8Array, offset: number, payloadBytes: number): Promise<void> {
    const { file, tap } = this.#parts
    const written = file.write(bytes, offset)
    const tapped = tap === undefined ? undefined : (async () => tap(bytes.subarray(0, payloadBytes)))()
    for (const outcome of await Promise.allSettled([written, tapped]))
      if (outcome.status === 'rejected') throw outcome.reason
  }

  /**
   * Has the disk begin with what was written so far, so that little is left to wait for at the end. One at a time: a disk
   * that is slower than the caller has enough to do.
   */
  #syncEarly(writtenBytes: number): void {
    if (this.#syncing !== undefined) return
    this.#syncedBytes = writtenBytes
    this.#syncing = this.#parts.file.sync().then(
      () => {
        this.#syncing = undefined
      },
      // The disk tells of an error once: the sync at the end may know nothing of it any more.
      (error) => void this.#fail(error),
    )
  }

  #encodeTail(): Uint8Array {
    const footer = encodeFooter(this.#id, this.#payloadBytes, this.#parts.checksum)
    const trailerBytes = this.#checksums.length * CHECKSUM_BYTES
    const tail = new Uint8Array(trailerBytes + footer.byteLength)
    const view = new DataView(tail.buffer)
    for (const [block, sum] of this.#checksums.entries()) view.setBigUint64(block * CHECKSUM_BYTES, sum, true)
    tail.set(footer, trailerBytes)
    return tail
  }

  /** Closes the file once; what is in flight ends first. */
  #close(): Promise<void> {
    this.#closing ??= Promise.allSettled([this.#inFlight, this.#syncing]).then(() => {
      if (this.#gathering !== undefined) this.#parts.buffers.give(this.#gathering)
      this.#gathering = undefined
      return this.#parts.file.close()
    })
    return this.#closing
  }

  /** Nothing stays open, even if the caller forgets to abort. */
  async #fail(error: unknown): Promise<Error> {
    if (this.#state !== 'aborted') this.#state = 'failed'
    this.#failure ??= writeFailure(this.#id, error)
    await this.#close().catch(() => {}) // A failure to close adds nothing to the first one.
    return this.#failure
  }

  #checkOpen(): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#state !== 'open') throw new TypeError(`Blob ${this.#id} is finished: nothing can be added.`)
  }
}
