import type { Clock } from '../../clock.js'

/** More than the buffers between a server and a client who reads nothing take at once. */
const STRETCH_BYTES = 4 * 1024 * 1024
/** A stretch in this time is 10 MiB/s: below that, larger reads would save nothing worth their memory. */
const STRETCH_MS = 400

/** Whether a consumer takes its bytes quickly enough to be worth large buffers. Nobody is at first. */
export class Pace {
  isQuick = false
  /** Whether it is known that he does not. */
  isSlow = false
  readonly #clock: Clock
  #began: number
  #takenBytes = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#began = clock.monotonic()
  }

  taken(sizeBytes: number): void {
    this.#takenBytes += sizeBytes
    if (this.#takenBytes < STRETCH_BYTES) return
    const now = this.#clock.monotonic()
    this.isQuick = now - this.#began <= STRETCH_MS
    this.isSlow = !this.isQuick
    this.#began = now
    this.#takenBytes = 0
  }
}
