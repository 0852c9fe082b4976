import { abortError } from '../../streams/abort.js'
import type { CallId } from '../items.js'
import type { Connection } from './connection.js'

/** The bytes of an object that the other side has opened, as they come. */
export class IncomingBytes {
  readonly #connection: Connection
  readonly #id: CallId
  readonly #signal: AbortSignal | undefined
  readonly #chunks: { readonly bytes: Uint8Array; readonly lent: boolean }[] = []
  #ended: { readonly error?: unknown } | undefined
  #wake: (() => void) | undefined
  #hasLeft = false

  /** @param signal Ends the reading. */
  constructor(connection: Connection, id: CallId, signal: AbortSignal | undefined) {
    this.#connection = connection
    this.#id = id
    this.#signal = signal
  }

  take(bytes: Uint8Array, lent: boolean): void {
    this.#chunks.push({ bytes, lent })
    this.#wake?.()
  }

  end(failed?: { readonly error: unknown }): void {
    this.#ended ??= failed ?? {}
    this.#wake?.()
  }

  /** @param borrows Whether the reader is done with a chunk when it asks for the next. */
  async *read(borrows: boolean): AsyncGenerator<Uint8Array, void, undefined> {
    const signal = this.#signal
    const wake = () => this.#wake?.()
    signal?.addEventListener('abort', wake)
    this.#connection.send(['more', this.#id])
    try {
      for (;;) {
        if (signal?.aborted) throw abortError(signal)
        const chunk = this.#chunks.shift()
        if (chunk !== undefined) {
          yield chunk.lent && !borrows ? Uint8Array.from(chunk.bytes) : chunk.bytes
          if (this.#ended === undefined) this.#connection.send(['more', this.#id])
        } else if (this.#ended === undefined) {
          await this.#something()
        } else if ('error' in this.#ended) {
          throw this.#ended.error
        } else return
      }
    } finally {
      signal?.removeEventListener('abort', wake)
      // Whoever has left may be sure that nothing is held for him any more.
      this.leave()
      while (this.#ended === undefined) await this.#something()
    }
  }

  /** Has the other side let go of what it holds for it. */
  leave(): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    if (this.#ended === undefined) this.#connection.send(['leave', this.#id])
  }

  /** Waits until something has come. */
  #something(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
