/** So many messages of bytes may be under way: one is worked on while the next comes. */
const MESSAGES_AHEAD = 2

/** The bytes of a source that the other side reads. They are asked for once the engine asks. */
export class IncomingSource implements AsyncIterable<Uint8Array> {
  readonly #want: (messages: number) => void
  readonly #messages: (readonly Uint8Array[])[] = []
  #isWhole = false
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined

  constructor(want: (messages: number) => void) {
    this.#want = want
  }

  take(pieces: readonly Uint8Array[], isLast: boolean): void {
    this.#messages.push(pieces)
    this.#isWhole ||= isLast
    this.#wake?.()
  }

  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    this.#want(MESSAGES_AHEAD)
    for (;;) {
      // What came before a failure is of no use any more.
      if (this.#failure !== undefined && !this.#isWhole) throw this.#failure.error
      const pieces = this.#messages.shift()
      if (pieces !== undefined) {
        yield* pieces
        if (!this.#isWhole) this.#want(1)
      } else if (this.#isWhole) {
        return
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }
}
