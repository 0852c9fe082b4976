/** Events removed before one more may be open. */
const REMOVED_FOR_ONE_MORE = 32

/**
 * How many events may be open at a time: given to the target, and not yet removed here. A crash has just these told again. It is
 * one to begin with, so that a process that dies again and again tells little twice, and grows with what is removed.
 */
export class Window {
  readonly #max: number
  #open = 0
  #removed = 0
  #isClosed = false
  readonly #waiting: (() => void)[] = []

  constructor(max: number, { beginsSlowly = true }: { beginsSlowly?: boolean } = {}) {
    this.#max = max
    if (!beginsSlowly) this.#removed = max * REMOVED_FOR_ONE_MORE
  }

  get #size(): number {
    return Math.min(this.#max, 1 + Math.floor(this.#removed / REMOVED_FOR_ONE_MORE))
  }

  async enter(): Promise<void> {
    while (this.#open >= this.#size && !this.#isClosed)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#open++
  }

  /** Nobody waits any longer. */
  close(): void {
    this.#isClosed = true
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** The event is removed, or was not taken. */
  leave({ isRemoved }: { isRemoved: boolean }): void {
    this.#open--
    if (isRemoved) this.#removed++
    for (const wake of this.#waiting.splice(0, this.#size - this.#open)) wake()
  }
}
