import { EngineError } from '../../errors.js'

/**
 * Reads one row's value from front to end. Whatever the bytes are, it ends in values or in `CorruptRecord`,
 * and never allocates more than the bytes at hand can justify. Byte strings it returns are views into the row.
 */
export class RowReader {
  readonly #bytes: Buffer
  readonly #label: string
  readonly #end: number
  #position: number

  /** @param label What the row is called in an error, since a value does not know its key. */
  constructor(value: Uint8Array, label = 'a record', start = 0, end = value.byteLength) {
    this.#bytes = Buffer.isBuffer(value)
      ? value
      : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    this.#label = label
    this.#position = start
    this.#end = end
  }

  get done(): boolean {
    return this.#position === this.#end
  }

  /** The next byte, left where it is. There must be one. */
  peek(): number {
    return this.#bytes[this.#position]!
  }

  corrupt(what: string): EngineError<'CorruptRecord'> {
    return new EngineError('CorruptRecord', `The row of ${this.#label} is damaged: ${what}.`, {
      key: this.#label,
    })
  }

  #advance(length: number): number {
    const start = this.#position
    if (length > this.#end - start) throw this.corrupt('it ends too early')
    this.#position = start + length
    return start
  }

  /** Reads on from another place of the row. */
  goTo(position: number): this {
    this.#position = 0
    this.#advance(position)
    return this
  }

  skip(length: number): void {
    this.#advance(length)
  }

  u8(): number {
    return this.#bytes[this.#advance(1)]!
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#advance(2))
  }

  u48(): number {
    return this.#bytes.readUIntBE(this.#advance(6), 6)
  }

  varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8()
      value += (byte & 127) * scale
      if (!Number.isSafeInteger(value)) throw this.corrupt('a number is too large')
      if (byte < 128) return value
      if (scale >= 2 ** 49) throw this.corrupt('a number is too long')
    }
  }

  bytes(length: number): Uint8Array {
    const start = this.#advance(length)
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length)
  }

  id(): Uint8Array {
    return this.bytes(16)
  }

  hex(length: number): string {
    const start = this.#advance(length)
    return this.#bytes.toString('hex', start, start + length)
  }

  base64(length: number): string {
    const start = this.#advance(length)
    return this.#bytes.toString('base64', start, start + length)
  }

  /** UTF-8 of this many bytes; without a length, all that is left. */
  text(length = this.#end - this.#position): string {
    const start = this.#advance(length)
    return this.#bytes.toString('utf8', start, start + length)
  }

  prefixedText(): string {
    return this.text(this.varint())
  }

  rest(): Uint8Array {
    return this.bytes(this.#end - this.#position)
  }

  /** The content of the field whose tag was just read. */
  field(): RowReader {
    const length = this.varint()
    const start = this.#advance(length)
    return new RowReader(this.#bytes, this.#label, start, start + length)
  }
}
