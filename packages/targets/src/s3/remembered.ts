/** What is asked once on behalf of many, and known until it is forgotten. A failure is not remembered. */
export class Remembered<T> {
  readonly #ask: () => Promise<T>
  #asked: Promise<T> | undefined
  #known: { readonly value: T } | undefined

  constructor(ask: () => Promise<T>) {
    this.#ask = ask
  }

  /** What is asked for many is not let go when one of them leaves. */
  get(signal: AbortSignal): T | Promise<T> {
    if (this.#known !== undefined) return this.#known.value
    const asked = this.#asked ?? this.#begin()
    return new Promise((resolve, reject) => {
      const leave = (): void => reject(signal.reason)
      if (signal.aborted) leave()
      signal.addEventListener('abort', leave, { once: true })
      asked.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    })
  }

  forget(): void {
    this.#asked = undefined
    this.#known = undefined
  }

  #begin(): Promise<T> {
    const asked = this.#ask()
    this.#asked = asked
    asked.then(
      (value) => {
        if (this.#asked === asked) this.#known = { value }
      },
      () => {
        if (this.#asked === asked) this.#asked = undefined
      },
    )
    return asked
  }
}
