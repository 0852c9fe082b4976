/**
 * A connection to a broker that is made when it is first needed, shared by all deliveries, and made anew after one has failed:
 * what a client may do by itself to come back differs from one to the other, and the engine tries again anyway.
 */
export class Connection<C> {
  readonly #open: (signal: AbortSignal) => Promise<C>
  readonly #close: (client: C) => Promise<void>
  #opening: Promise<C> | undefined

  constructor(open: (signal: AbortSignal) => Promise<C>, close: (client: C) => Promise<void>) {
    this.#open = open
    this.#close = close
  }

  async use(signal: AbortSignal, work: (client: C) => Promise<void>): Promise<void> {
    signal.throwIfAborted()
    this.#opening ??= this.#open(signal)
    const opening = this.#opening
    try {
      await work(await opening)
    } catch (error) {
      if (this.#opening === opening) {
        this.#opening = undefined
        void this.#closeQuietly(opening)
      }
      throw error
    }
  }

  async #closeQuietly(opening: Promise<C>): Promise<void> {
    try {
      await this.#close(await opening)
    } catch {
      // It has failed already, and whoever used it was told.
    }
  }

  async close(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    if (opening !== undefined) await this.#closeQuietly(opening)
  }
}
