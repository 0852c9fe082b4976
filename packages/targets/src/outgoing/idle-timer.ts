/** Goes off when nothing has moved for a while, once. */
export class IdleTimer {
  readonly #milliseconds: number
  readonly #late: () => void
  #timer: NodeJS.Timeout | undefined
  #hasEnded = false

  constructor(milliseconds: number, late: () => void) {
    this.#milliseconds = milliseconds
    this.#late = late
  }

  /** Begins to count, from the start. */
  restart(): void {
    if (this.#hasEnded) return
    if (this.#timer === undefined) this.#timer = setTimeout(this.#late, this.#milliseconds)
    else this.#timer.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** For good: who still moves something does not wake it. */
  end(): void {
    this.#hasEnded = true
    this.stop()
  }
}
