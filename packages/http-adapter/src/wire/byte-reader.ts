const LF = 0x0a

/**
 * Reads lines and stretches of bytes from a stream whose chunks end anywhere. What it gives out is borrowed: it is a
 * view of the stream's own chunk wherever one chunk holds it all.
 */
export class ByteReader implements AsyncDisposable {
  readonly #iterator: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array(0)
  #at = 0
  #ended = false
  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]()
  }

  /** A line without its LF, one character a byte. `undefined`: it does not end within `maximumBytes`. */
  async line(maximumBytes: number): Promise<string | undefined> {
    let line = ''
    for (;;) {
      if (this.#at === this.#chunk.byteLength && !(await this.#fill())) return undefined
      const end = this.#chunk.indexOf(LF, this.#at)
      const stop = end === -1 ? this.#chunk.byteLength : end
      if (line.length + stop - this.#at > maximumBytes) return undefined
      line += latin1(this.#chunk.subarray(this.#at, stop))
      this.#at = end === -1 ? stop : end + 1
      if (end !== -1) return line
    }
  }

  /** At least one byte and at most `maximumBytes`; `undefined` at the end. */
  async some(maximumBytes: number): Promise<Uint8Array | undefined> {
    if (this.#at === this.#chunk.byteLength && !(await this.#fill())) return undefined
    const piece = this.#chunk.subarray(this.#at, this.#at + maximumBytes)
    this.#at += piece.byteLength
    return piece
  }

  /** All of `sizeBytes` in one piece; `undefined` when the stream ends before. */
  async exactly(sizeBytes: number): Promise<Uint8Array | undefined> {
    const first = await this.some(sizeBytes)
    if (first === undefined || first.byteLength === sizeBytes) return first
    const gathered = new Gathered(first, sizeBytes)
    while (gathered.missingBytes > 0) {
      const piece = await this.some(gathered.missingBytes)
      if (piece === undefined) return undefined
      gathered.add(piece)
    }
    return gathered.bytes()
  }

  /** Everything up to the end, one character a byte; `undefined` when it is more than `maximumBytes`. */
  async rest(maximumBytes: number): Promise<string | undefined> {
    let rest = ''
    for (;;) {
      const piece = await this.some(maximumBytes + 1)
      if (piece === undefined) return rest
      if (rest.length + piece.byteLength > maximumBytes) return undefined
      rest += latin1(piece)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) await this.#iterator.return?.()
  }

  async #fill(): Promise<boolean> {
    while (!this.#ended) {
      const { done, value } = await this.#iterator.next()
      if (done) {
        this.#ended = true
      } else if (value.byteLength > 0) {
        this.#chunk = value
        this.#at = 0
        return true
      }
    }
    return false
  }
}

/** Grows with what has really come, not with what was announced: a slow sender of a long chunk holds little. */
class Gathered {
  readonly #sizeBytes: number
  #buffer: Buffer
  #length: number
  constructor(first: Uint8Array, sizeBytes: number) {
    this.#sizeBytes = sizeBytes
    this.#buffer = Buffer.allocUnsafe(Math.min(sizeBytes, Math.max(64 * 1024, 2 * first.byteLength)))
    this.#buffer.set(first)
    this.#length = first.byteLength
  }

  get missingBytes(): number {
    return this.#sizeBytes - this.#length
  }

  add(piece: Uint8Array): void {
    const length = this.#length + piece.byteLength
    if (length > this.#buffer.byteLength) {
      const larger = Buffer.allocUnsafe(Math.min(this.#sizeBytes, 2 * length))
      larger.set(this.#buffer.subarray(0, this.#length))
      this.#buffer = larger
    }
    this.#buffer.set(piece, this.#length)
    this.#length = length
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
