/** Counts what happens, so that every thread sees it at once: who has added knows that whoever looks next sees more. */
export class SharedCount {
  readonly memory: SharedArrayBuffer
  readonly #count: Int32Array

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#count = new Int32Array(memory)
  }

  add(): void {
    Atomics.add(this.#count, 0, 1)
  }

  /** It begins anew after four billion. */
  get value(): number {
    return Atomics.load(this.#count, 0)
  }
}
