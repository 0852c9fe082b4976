import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { ObjectPart } from '../contract/multipart.js'
import type { ObjectInfo, StoredObject } from '../contract/object.js'
import { limits } from '../limits.js'

export interface Stretch {
  readonly offset: number
  readonly length: number
}

/** @param borrows Whether a chunk's memory may be used again once the next is asked for. */
type Open = (borrows: boolean) => AsyncGenerator<Uint8Array, void, undefined>

export interface StoredFacts {
  readonly info: ObjectInfo
  readonly range?: Stretch
  readonly part?: ObjectPart
  readonly length: number
}

/**
 * An opened object. `open` is called at most once, when the bytes are first asked for; `release` lets go of
 * what keeps them readable.
 */
export class StoredBytes implements StoredObject {
  readonly info: ObjectInfo
  readonly range?: Stretch
  readonly part?: ObjectPart
  readonly #length: number
  readonly #open: Open
  readonly #release: () => void
  #whole: Uint8Array | undefined
  #bytes: AsyncGenerator<Uint8Array, void, undefined> | undefined
  #body: Readable | undefined

  constructor(facts: StoredFacts, open: Open, release: () => void) {
    this.info = facts.info
    if (facts.range !== undefined) this.range = facts.range
    if (facts.part !== undefined) this.part = facts.part
    this.#length = facts.length
    this.#open = open
    this.#release = release
  }

  /** An object whose bytes are at hand. */
  static of(bytes: Uint8Array, facts: Omit<StoredFacts, 'length'>): StoredBytes {
    async function* open(): AsyncGenerator<Uint8Array> {
      if (bytes.byteLength > 0) yield bytes
    }
    const stored = new StoredBytes({ ...facts, length: bytes.byteLength }, open, () => {})
    stored.#whole = bytes
    return stored
  }

  get body(): Readable {
    if (this.#body === undefined) {
      this.#body = Readable.from(this.#begin(), { objectMode: false })
      // One destroyed before it was read never begins what would let go at its end.
      this.#body.once('close', this.#release)
    }
    return this.#body
  }

  web(): ReadableStream<Uint8Array> {
    return Readable.toWeb(this.body) as ReadableStream<Uint8Array>
  }

  chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    return this.#begin(true)
  }

  async bytes({ maxBytes = limits.bytesDefaultMax }: { maxBytes?: number } = {}): Promise<Uint8Array> {
    if (this.#length > maxBytes)
      throw new RangeError(`The object's ${this.#length} bytes are more than maxBytes (${maxBytes}).`)
    const whole = this.#whole
    if (whole !== undefined) {
      this.#begin()
      return whole
    }
    const all = new Uint8Array(this.#length)
    let at = 0
    for await (const chunk of this.#begin()) {
      if (at === 0 && chunk.byteLength === this.#length) return chunk
      all.set(chunk, at)
      at += chunk.byteLength
    }
    if (at < this.#length)
      throw new DOMException('The object was closed before its bytes were read.', 'AbortError')
    return all
  }

  #begin(borrows = false): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#bytes !== undefined) throw new TypeError('The bytes of an opened object are read once.')
    const bytes = this.#releasing(borrows)
    // One that is left before it was begun never comes to what lets go at its end.
    const leave = bytes.return.bind(bytes)
    bytes.return = async (value) => {
      const left = await leave(value)
      this.#release()
      return left
    }
    this.#bytes = bytes
    return bytes
  }

  async *#releasing(borrows: boolean): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* this.#open(borrows)
    } finally {
      this.#release()
    }
  }

  async close(): Promise<void> {
    if (this.#body !== undefined) this.#body.destroy()
    else await this.#bytes?.return()
    this.#release()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
