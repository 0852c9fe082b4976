import { setMaxListeners } from 'node:events'
import { engineClosed } from '../errors.js'

/** Counts what is running, so that closing can refuse what is new and wait for the rest. */
export class Activity {
  readonly #forced = new AbortController()
  /** Of work that has a signal of its caller's, stopped by either. */
  readonly #joined = new Set<AbortController>()
  #running = 0
  #begun = 0
  #closing = false
  #idle: (() => void) | undefined

  constructor() {
    setMaxListeners(0, this.#forced.signal)
  }

  get closing(): boolean {
    return this.#closing
  }

  /** Pieces of work since the beginning. */
  get begun(): number {
    return this.#begun
  }

  /**
   * Runs one piece of work, which is stopped by the caller's signal or by a close that does not wait. The signal
   * it is given says nothing any more once the work is done.
   */
  run<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.runBriefly(() =>
      signal === undefined ? work(this.#forced.signal) : this.#runJoined(signal, work),
    )
  }

  /** Runs what is over soon, whoever wants it stopped: a look at some rows. It costs no signal of its own. */
  async runBriefly<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing) throw engineClosed()
    this.#running++
    this.#begun++
    try {
      return await work()
    } finally {
      this.#running--
      if (this.#running === 0) this.#idle?.()
    }
  }

  /** `AbortSignal.any` would do the same, for ten times the time, and the engine's signal would never forget it. */
  async #runJoined<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const joined = new AbortController()
    const stop = (): void => joined.abort(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
    this.#joined.add(joined)
    try {
      return await work(joined.signal)
    } finally {
      this.#joined.delete(joined)
      signal.removeEventListener('abort', stop)
    }
  }

  /** Resolves when nothing runs any more; when the signal fires, what still runs is aborted. */
  async close(signal?: AbortSignal): Promise<void> {
    this.#closing = true
    if (this.#running === 0) return
    const abort = () => {
      const reason = engineClosed()
      for (const joined of this.#joined) joined.abort(reason)
      this.#forced.abort(reason)
    }
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    await new Promise<void>((resolve) => {
      this.#idle = resolve
    })
    signal?.removeEventListener('abort', abort)
  }
}
