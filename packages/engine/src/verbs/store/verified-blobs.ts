import type { BlobId, BlobStore } from '../../blobs/blobs.js'
import { type EngineError, isEngineError } from '../../errors.js'

/** Ids are given out in order, so those of a page are in use together. */
const PAGE_IDS = 64 * 1024

/** Reads each blob once, however many records use it. Remembers a bit for each that is good. */
export class VerifiedBlobs {
  readonly #blobs: BlobStore
  readonly #signal: AbortSignal | undefined
  readonly #good = new Map<number, Uint8Array>()
  readonly #damaged = new Map<BlobId, EngineError>()

  constructor(blobs: BlobStore, signal: AbortSignal | undefined) {
    this.#blobs = blobs
    this.#signal = signal
  }

  /** @throws {@link EngineError} `CorruptBlob` */
  async check(id: BlobId): Promise<void> {
    const damage = this.#damaged.get(id)
    if (damage !== undefined) throw damage
    const bits = this.#pageOf(id)
    const bit = id % PAGE_IDS
    if ((bits[bit >> 3]! & (1 << (bit & 7))) !== 0) return
    try {
      await this.#blobs.verify(id, this.#signal === undefined ? {} : { signal: this.#signal })
      bits[bit >> 3]! |= 1 << (bit & 7)
    } catch (error) {
      if (isEngineError(error, 'CorruptBlob')) this.#damaged.set(id, error)
      throw error
    }
  }

  #pageOf(id: BlobId): Uint8Array {
    const number = Math.floor(id / PAGE_IDS)
    let page = this.#good.get(number)
    if (page === undefined) {
      page = new Uint8Array(PAGE_IDS / 8)
      this.#good.set(number, page)
    }
    return page
  }
}
