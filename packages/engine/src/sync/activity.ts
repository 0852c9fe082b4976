import { setMaxListeners } from 'node:events'
import { engineClosed } from '../errors.js'

/** Counts what is running, so that closing can refuse what is new and wait for the rest. */
export class Activity {
  readonly #forced = new AbortController()
  #running = 0
  #closing = false
  #idle: (() => void) | undefined

  constructor() {
    setMaxListeners(0, this.#forced.signal)
  }

  get closing(): boolean {
    return this.#closing
  }

  /** Runs one piece of work, which is stopped by the caller's signal or by a close that does not wait. */
  async run<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#closing) throw engineClosed()
    this.#running++
    try {
      return await work(
        signal === undefined ? this.#forced.signal : AbortSignal.any([signal, this.#forced.signal]),
      )
    } finally {
      this.#running--
      if (this.#running === 0) this.#idle?.()
    }
  }

  /** Resolves when nothing runs any more; when the signal fires, what still runs is aborted. */
  async close(signal?: AbortSignal): Promise<void> {
    this.#closing = true
    if (this.#running === 0) return
    const abort = () => this.#forced.abort(engineClosed())
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    await new Promise<void>((resolve) => {
      this.#idle = resolve
    })
    signal?.removeEventListener('abort', abort)
  }
}
