import { join } from 'node:path'
import createDebug from 'debug'
import type { Clock } from '../../clock.js'
import type { Disk } from '../../disk.js'
import { isDiskFull } from './disk-full.js'
import { preallocate } from './journal/preallocate.js'

const debug = createDebug('aquifer:journal')

/** One segment for the journal, and this for the index: of the disk, but at most so many bytes or segments. */
const SHARE_OF_DISK = 0.01
const SHARE_MAX_BYTES = 64 * 1024 * 1024
const SHARE_MAX_SEGMENTS = 4
const LOOK_AGAIN_MS = 1_000

export interface ReserveOptions {
  readonly disk: Disk
  readonly directory: string
  readonly clock: Clock
  readonly segmentBytes: number
}

/**
 * A file that holds nothing but space. When the disk is full it is given up, so that deletes, compaction and the
 * index have room to make room; other writes are refused until it could be made again.
 */
export class Reserve {
  readonly #options: ReserveOptions
  readonly #path: string
  #isMade = false
  #isFull = false
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(options: ReserveOptions) {
    this.#options = options
    this.#path = join(options.directory, 'journal', 'ballast')
  }

  /** Whether writes that need space are to be refused. */
  get isFull(): boolean {
    return this.#isFull
  }

  get isMade(): boolean {
    return this.#isMade
  }

  /** Takes over the file of an earlier run, where it is whole. */
  async find(): Promise<void> {
    const { disk } = this.#options
    const found = await disk.sizeOf(this.#path)
    if (found === undefined) return
    if (found === (await this.#sizeBytes())) this.#isMade = true
    else await disk.unlink(this.#path)
  }

  /** Makes the file, where there is room for it. */
  async make(): Promise<void> {
    if (this.#isMade) return
    try {
      const { disk } = this.#options
      // A try that failed may have left the name.
      if ((await disk.sizeOf(this.#path)) !== undefined) await disk.unlink(this.#path)
      await preallocate(disk, this.#path, await this.#sizeBytes())
      this.#isMade = true
      this.#isFull = false
    } catch (error) {
      if (!isDiskFull(error)) throw error
      this.#isFull = true
    }
  }

  /** The disk is full. Answers whether that freed some space. */
  async giveUp(): Promise<boolean> {
    this.#isFull = true
    this.#lookedAt = this.#options.clock.monotonic()
    if (!this.#isMade) return false
    this.#isMade = false
    await this.#options.disk.unlink(this.#path)
    return true
  }

  /** Ends being full once there is space for the file and as much again. Looks once a second at most. */
  async lookAgain(): Promise<void> {
    const { clock, disk, directory } = this.#options
    if (clock.monotonic() - this.#lookedAt < LOOK_AGAIN_MS) return
    this.#lookedAt = clock.monotonic()
    try {
      const { freeBytes } = await disk.space(directory)
      if (freeBytes >= 2 * (await this.#sizeBytes())) await this.make()
    } catch (error) {
      debug('the reserve could not be made again: %O', error) // The store stays full, and looks again later.
    }
  }

  async #sizeBytes(): Promise<number> {
    const { totalBytes } = await this.#options.disk.space(this.#options.directory)
    const { segmentBytes } = this.#options
    const share = Math.floor(totalBytes * SHARE_OF_DISK)
    return segmentBytes + Math.min(SHARE_MAX_BYTES, SHARE_MAX_SEGMENTS * segmentBytes, share)
  }
}
