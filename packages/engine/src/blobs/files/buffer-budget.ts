import { alignedMemory } from '../../aligned-memory.js'
import { BLOCK_BYTES } from './blob-format.js'

/** How much is written or read at a time while memory allows: fewer calls, longer stretches on the disk. */
export const LARGE_BYTES = 1024 * 1024
/** What may be read along with a stretch: its first and last block to their ends, checksums and footer. */
const READ_ALONG_BYTES = BLOCK_BYTES + 8_192
/** At most so many large buffers are held at once by all writers, and as many by all readers. */
const LARGE_BUFFERS_MAX = 16
/** Idle ones kept, since a fresh megabyte costs its page faults. */
const IDLE_BUFFERS_MAX = 8

interface LargeBuffers {
  newLarge(): Uint8Array
  /** So many are kept while nobody needs them. */
  readonly idleMax: number
}

/**
 * Shares out the large buffers, so that memory does not grow with the number of slow callers: who comes when all
 * are taken works block by block instead.
 */
export class BufferBudget {
  readonly #idle: Uint8Array[] = []
  readonly #idleBlocks: Uint8Array[] = []
  readonly #newLarge: () => Uint8Array
  readonly #idleMax: number
  #taken = 0

  constructor({ newLarge, idleMax }: LargeBuffers = ordinary) {
    this.#newLarge = newLarge
    this.#idleMax = idleMax
  }

  /** For writers: of memory that a disk can take bytes from by itself. They are made when they are needed, and stay. */
  static forWriters(): BufferBudget {
    let memory: Uint8Array | undefined
    let madeBytes = 0
    const newLarge = () => {
      memory ??= alignedMemory(LARGE_BUFFERS_MAX * LARGE_BYTES)
      madeBytes += LARGE_BYTES
      return memory.subarray(madeBytes - LARGE_BYTES, madeBytes)
    }
    return new BufferBudget({ newLarge, idleMax: LARGE_BUFFERS_MAX })
  }

  /** For readers: each has room for what is read along with a small blob. Readers may be other threads, which it is lent to. */
  static forReaders(): BufferBudget {
    return new BufferBudget({
      newLarge: () => new Uint8Array(new SharedArrayBuffer(LARGE_BYTES + READ_ALONG_BYTES)),
      idleMax: IDLE_BUFFERS_MAX,
    })
  }

  /** A buffer of a single block. Its content is arbitrary. Give it back. */
  take(): Uint8Array {
    return this.#idleBlocks.pop() ?? allocate(BLOCK_BYTES)
  }

  /** A large buffer, while there are any. Its content is arbitrary. Give it back. */
  findLarge(): Uint8Array | undefined {
    return this.takeLarge() ? this.idleLarge() : undefined
  }

  /** The buffer for who has counted himself by `takeLarge`. Its content is arbitrary. Give it back. */
  idleLarge(): Uint8Array {
    return this.#idle.pop() ?? this.#newLarge()
  }

  give(buffer: Uint8Array): void {
    const isLarge = buffer.byteLength >= LARGE_BYTES
    if (isLarge) this.giveLarge()
    const idle = isLarge ? this.#idle : this.#idleBlocks
    if (idle.length < (isLarge ? this.#idleMax : IDLE_BUFFERS_MAX)) idle.push(buffer)
  }

  /** Counts a large buffer that the caller allocates. */
  takeLarge(): boolean {
    if (this.#taken === LARGE_BUFFERS_MAX) return false
    this.#taken++
    return true
  }

  /** The same for who is not known to be quick: half of them are kept for those who are. */
  takeLargeOnTrial(): boolean {
    return this.#taken < LARGE_BUFFERS_MAX / 2 && this.takeLarge()
  }

  giveLarge(): void {
    this.#taken--
  }
}

/** Not from Node's shared pool, and not filled with zeros. */
export const allocate = (sizeBytes: number): Uint8Array => {
  const bytes = Buffer.allocUnsafeSlow(sizeBytes)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, sizeBytes)
}

const ordinary: LargeBuffers = { newLarge: () => allocate(LARGE_BYTES), idleMax: IDLE_BUFFERS_MAX }
