import type { DiskFile } from '../../../disk.js'
import type { SegmentFiles } from './segment-files.js'

const OPEN_MAX = 512

/** Segments opened for reading: those used last stay open, and one in use is neither closed nor given away. */
export class OpenFiles {
  readonly #files: SegmentFiles
  /** In the order of their last use. */
  readonly #open = new Map<number, DiskFile>()
  readonly #opening = new Map<number, Promise<DiskFile>>()
  readonly #users = new Map<number, number>()
  readonly #unused = new Map<number, () => void>()

  constructor(files: SegmentFiles) {
    this.#files = files
  }

  /** The file, where it is open already: for reads that end within this tick. */
  peek(number: number): DiskFile | undefined {
    return this.#open.get(number)
  }

  /** Lends the file for the time of `use`. It counts as used from the call on, before anything is awaited. */
  async use<T>(number: number, use: (file: DiskFile) => Promise<T>): Promise<T> {
    this.#users.set(number, (this.#users.get(number) ?? 0) + 1)
    try {
      return await use(this.#again(number) ?? (await this.#openOnce(number)))
    } finally {
      const users = this.#users.get(number)! - 1
      if (users > 0) this.#users.set(number, users)
      else {
        this.#users.delete(number)
        this.#unused.get(number)?.()
      }
    }
  }

  /** Waits for the readers of a segment that nobody can find any more, and closes it. */
  async retire(number: number): Promise<void> {
    if (this.#users.has(number)) await new Promise<void>((resolve) => this.#unused.set(number, resolve))
    this.#unused.delete(number)
    await this.#close(number)
  }

  async close(): Promise<void> {
    for (const number of [...this.#open.keys()]) await this.retire(number)
  }

  #again(number: number): DiskFile | undefined {
    const file = this.#open.get(number)
    if (file === undefined) return undefined
    this.#open.delete(number)
    this.#open.set(number, file)
    return file
  }

  #openOnce(number: number): Promise<DiskFile> {
    const already = this.#opening.get(number)
    if (already !== undefined) return already
    const opening = this.#openFile(number).finally(() => this.#opening.delete(number))
    this.#opening.set(number, opening)
    return opening
  }

  async #openFile(number: number): Promise<DiskFile> {
    const idle = [...this.#open.keys()].find((open) => !this.#users.has(open))
    if (this.#open.size >= OPEN_MAX && idle !== undefined) await this.#close(idle)
    const file = await this.#files.open(number, 'read')
    this.#open.set(number, file)
    return file
  }

  async #close(number: number): Promise<void> {
    const file = this.#open.get(number)
    this.#open.delete(number)
    await file?.close().catch(() => undefined) // It was only read.
  }
}
