import type { Disk } from '../../disk.js'

/**
 * Makes directory changes durable, many at a time: while one sync of a directory is under way, all who come
 * wait together for the next. A sync covers only what was there when it began, so nobody joins a running one.
 */
export class DirectorySyncs {
  readonly #disk: Disk
  readonly #running = new Map<string, Promise<void>>()
  readonly #waiting = new Map<string, Promise<void>>()

  constructor(disk: Disk) {
    this.#disk = disk
  }

  sync(path: string): Promise<void> {
    const waiting = this.#waiting.get(path)
    if (waiting !== undefined) return waiting
    const running = this.#running.get(path)
    if (running === undefined) return this.#begin(path)
    const next = running
      .catch(() => {}) // Its own callers are told; those who wait get a sync of their own.
      .then(() => {
        this.#waiting.delete(path)
        return this.#begin(path)
      })
    this.#waiting.set(path, next)
    return next
  }

  #begin(path: string): Promise<void> {
    const sync = this.#disk.syncDirectory(path).finally(() => {
      if (this.#running.get(path) === sync) this.#running.delete(path)
    })
    this.#running.set(path, sync)
    return sync
  }
}
