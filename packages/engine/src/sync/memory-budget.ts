/** Bytes that many callers share. Nobody waits: who finds none left does without. */
export class MemoryBudget {
  #freeBytes: number
  constructor(totalBytes: number) {
    this.#freeBytes = totalBytes
  }
  /** Undefined when there are not that many left. */
  take(bytes: number): Disposable | undefined {
    if (bytes > this.#freeBytes) return undefined
    this.#freeBytes -= bytes
    let held = bytes
    return {
      [Symbol.dispose]: () => {
        this.#freeBytes += held
        held = 0
      },
    }
  }
}
