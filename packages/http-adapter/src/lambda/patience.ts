import { S3Error } from '../s3-error.js'

/** How long a function is waited for: each wait anew, so that a reader who takes his time costs the function none. */
export class Patience {
  readonly #timeoutMs: number
  readonly #over = new AbortController()

  constructor(timeoutMs: number, gone: AbortSignal) {
    this.#timeoutMs = timeoutMs
    if (gone.aborted) this.#over.abort(gone.reason)
    gone.addEventListener('abort', () => this.#over.abort(gone.reason), {
      once: true,
      signal: this.#over.signal,
    })
  }

  /** Fires when the time is over or the reader has gone. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** @throws {@link S3Error} `LambdaTimeout`, also where the function does not heed the signal. */
  async wait<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this
    let stop!: () => void
    const stopped = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason)
    })
    signal.addEventListener('abort', stop)
    const timer = setTimeout(() => {
      this.#over.abort(new S3Error('LambdaTimeout', 'The function did not answer in time.'))
    }, this.#timeoutMs)
    try {
      signal.throwIfAborted()
      return await Promise.race([work(), stopped])
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    }
  }

  async *chunks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    const chunks = body[Symbol.asyncIterator]()
    let ended = false
    try {
      for (;;) {
        const next = await this.wait(() => chunks.next())
        if (next.done === true) {
          ended = true
          return
        }
        yield next.value
      }
    } finally {
      // Not waited for: a function that hangs would hang its reader.
      if (!ended) chunks.return?.().catch(() => {})
      this.#over.abort()
    }
  }
}
