import type { Clock } from '../../clock.js'

const SLOW_MS = 0.2
/** Weight of the newest reading in the moving average. */
const NEWEST = 1 / 16
/** How many reads go by before a slow disk is tried again. */
const REST_READS = 200

/** Whether reads within the tick are quick enough: one that waits for the disk makes everybody wait. */
export class ReadPace {
  readonly #clock: Clock
  #averageMs = 0
  #rest = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isFast(): boolean {
    if (this.#rest === 0) return true
    this.#rest--
    return false
  }

  measure<T>(read: () => T): T {
    const start = this.#clock.monotonic()
    try {
      return read()
    } finally {
      this.#averageMs += (this.#clock.monotonic() - start - this.#averageMs) * NEWEST
      if (this.#averageMs > SLOW_MS) {
        this.#rest = REST_READS
        this.#averageMs = 0
      }
    }
  }
}
