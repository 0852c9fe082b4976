import { type DiskFile, readFully } from '../../../disk.js'

const WINDOW_BYTES = 1024 * 1024

/** Reads a file from front to back through one buffer, a large stretch at a time. */
export class FileWindow {
  readonly #file: DiskFile
  readonly #sizeBytes: number
  #buffer = Buffer.alloc(0)
  #start = 0
  #filled = 0

  constructor(file: DiskFile, sizeBytes: number) {
    this.#file = file
    this.#sizeBytes = sizeBytes
  }

  /** These bytes, fewer at the end of the file. They are lent until the next call. */
  async read(offset: number, length: number): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, this.#sizeBytes - offset))
    if (offset < this.#start || offset + wanted > this.#start + this.#filled) await this.#fill(offset, wanted)
    const from = offset - this.#start
    return this.#buffer.subarray(from, Math.min(from + wanted, this.#filled))
  }

  async #fill(offset: number, wanted: number): Promise<void> {
    const length = Math.min(Math.max(wanted, WINDOW_BYTES), this.#sizeBytes - offset)
    if (this.#buffer.byteLength < length) this.#buffer = Buffer.allocUnsafeSlow(length)
    this.#start = offset
    this.#filled = 0 // Should the read fail, nothing is held.
    this.#filled = await readFully(this.#file, this.#buffer.subarray(0, length), offset)
  }
}
