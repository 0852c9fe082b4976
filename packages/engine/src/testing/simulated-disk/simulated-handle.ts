import type { DiskFile } from '../../disk.js'
import type { DiskOperation } from './faults.js'
import type { SimulatedFile } from './simulated-file.js'
import { systemError } from './simulated-tree.js'

/** What a call of the disk does, and what becomes of it under a fault. */
export interface Effect<T> {
  whole(): T
  /** What one does that is stopped midway, if not by chance `whole` or `failed`. */
  part?(): void
  /** What even one that fails does. */
  failed?(): void
  flipped?(): T
}

/** What a handle needs of its disk. */
export interface HandleCalls {
  call<T>(operation: DiskOperation, effect: Effect<T>): Promise<T>
  write(bytes: Uint8Array, offset: number): void
  readonly random: () => number
  closed(): void
}

/** One open file. */
export class SimulatedHandle implements DiskFile {
  readonly path: string
  readonly file: SimulatedFile
  readonly #isWritable: boolean
  readonly #disk: HandleCalls
  readonly #underWay = new Set<Promise<unknown>>()
  #isClosed = false

  constructor(path: string, file: SimulatedFile, isWritable: boolean, disk: HandleCalls) {
    this.path = path
    this.file = file
    this.#isWritable = isWritable
    this.#disk = disk
  }

  read(buffer: Uint8Array, fileOffset: number): Promise<number> {
    const whole = () => this.file.read(buffer, fileOffset)
    const flipped = () => {
      const read = whole()
      if (read > 0)
        buffer[Math.floor(this.#disk.random() * read)]! ^= 1 << Math.floor(this.#disk.random() * 8)
      return read
    }
    return this.#call('read', { whole, flipped })
  }

  write(bytes: Uint8Array, fileOffset: number): Promise<void> {
    const whole = () => this.#disk.write(bytes, fileOffset)
    const part = () => {
      const done = Math.floor(this.#disk.random() * (bytes.byteLength + 1))
      this.#disk.write(bytes.subarray(0, done), fileOffset)
    }
    return this.#change('write', { whole, part })
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.#change('truncate', { whole: () => this.file.truncate(sizeBytes) })
  }

  sync(): Promise<void> {
    return this.#call('sync', {
      whole: () => this.file.sync(),
      failed: () => this.file.loseUnsynced(this.#disk.random),
    })
  }

  size(): Promise<number> {
    return this.#call('size', { whole: () => this.file.sizeBytes })
  }

  async close(): Promise<void> {
    if (this.#isClosed) throw systemError('EBADF', this.path)
    this.#isClosed = true
    await Promise.allSettled(this.#underWay)
    // An error of close(2) is told after the descriptor is gone.
    const whole = () => this.#disk.closed()
    await this.#disk.call('close', { whole, part: whole, failed: whole })
  }

  #change(operation: DiskOperation, effect: Effect<void>): Promise<void> {
    if (!this.#isWritable) return Promise.reject(systemError('EBADF', this.path))
    return this.#call(operation, effect)
  }

  #call<T>(operation: DiskOperation, effect: Effect<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(systemError('EBADF', this.path))
    const done = this.#disk.call(operation, effect)
    this.#underWay.add(done)
    const forget = () => void this.#underWay.delete(done)
    done.then(forget, forget)
    return done
  }
}
