const LARGEST_U48 = 2 ** 48 - 1

/** How many bytes a varint of this value takes. */
function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++
  return bytes
}

/** Writes one row's value, growing as it goes. Integers are big-endian, or varints of seven bits a byte, low first. */
export class RowWriter {
  #bytes: Buffer
  #length = 0

  constructor(expectedBytes = 256) {
    this.#bytes = Buffer.allocUnsafe(expectedBytes)
  }

  #reserve(more: number): number {
    const start = this.#length
    if (start + more > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, start + more))
      this.#bytes.copy(grown, 0, 0, start)
      this.#bytes = grown
    }
    this.#length = start + more
    return start
  }

  u8(value: number): void {
    const at = this.#reserve(1)
    this.#bytes[at] = value
  }

  u16(value: number): void {
    const at = this.#reserve(2)
    this.#bytes.writeUInt16BE(value, at)
  }

  /** Sizes and times: up to 281 TB, or the year 10889. */
  u48(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > LARGEST_U48) {
      throw new RangeError(`${value} does not fit into 48 bits.`)
    }
    const at = this.#reserve(6)
    this.#bytes.writeUIntBE(value, at, 6)
  }

  varint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is not a count.`)
    let at = this.#reserve(varintBytes(value))
    let rest = value
    // Shifts would cut the value to 32 bits.
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[at++] = (rest % 128) + 128
    this.#bytes[at] = rest
  }

  bytes(value: Uint8Array): void {
    const at = this.#reserve(value.byteLength)
    this.#bytes.set(value, at)
  }

  /** An identity: always 16 bytes, so no length is written. */
  id(value: Uint8Array): void {
    if (value.byteLength !== 16) throw new RangeError(`An id has 16 bytes, not ${value.byteLength}.`)
    this.bytes(value)
  }

  /** UTF-8 to the end of its field. */
  text(value: string): void {
    const bytes = Buffer.byteLength(value)
    const at = this.#reserve(bytes)
    this.#bytes.write(value, at, bytes)
  }

  /** UTF-8 after its length. */
  prefixedText(value: string): void {
    this.varint(Buffer.byteLength(value))
    this.text(value)
  }

  /** A tag, a length, and what `write` writes. Fields stand in ascending order of their tags. */
  field(tag: number, write: () => void): void {
    this.u8(tag)
    this.u8(0)
    const start = this.#length
    write()
    const length = this.#length - start
    const lengthBytes = varintBytes(length)
    if (lengthBytes > 1) {
      this.#reserve(lengthBytes - 1)
      this.#bytes.copyWithin(start - 1 + lengthBytes, start, start + length)
    }
    const end = this.#length
    this.#length = start - 1
    this.varint(length)
    this.#length = end
  }

  finish(): Uint8Array {
    const { buffer, byteOffset } = this.#bytes
    return new Uint8Array(buffer, byteOffset, this.#length)
  }
}
