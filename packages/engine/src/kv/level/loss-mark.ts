import { join } from 'node:path'
import type { Disk } from '../../disk.js'

/**
 * An empty file beside the journal. It is put before anything is given up of a damaged store, and stays until
 * whoever keeps things outside of the rows has taken note: rows may be gone, or be back as they once were.
 */
export class LossMark {
  readonly #disk: Disk
  readonly #directory: string
  readonly #path: string
  #isThere: boolean

  private constructor(disk: Disk, directory: string, path: string, isThere: boolean) {
    this.#disk = disk
    this.#directory = directory
    this.#path = path
    this.#isThere = isThere
  }

  static async find(disk: Disk, directory: string): Promise<LossMark> {
    const path = join(directory, 'loss')
    return new LossMark(disk, directory, path, (await disk.sizeOf(path)) !== undefined)
  }

  get isThere(): boolean {
    return this.#isThere
  }

  async put(): Promise<void> {
    if (!this.#isThere) {
      const file = await this.#disk.open(this.#path, 'create')
      this.#isThere = true
      try {
        await file.sync()
      } finally {
        await file.close()
      }
    }
    await this.#disk.syncDirectory(this.#directory)
  }

  async remove(): Promise<void> {
    if (!this.#isThere) return
    await this.#disk.unlink(this.#path)
    this.#isThere = false
    await this.#disk.syncDirectory(this.#directory)
  }
}
