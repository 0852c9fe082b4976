import { setTimeout as rest } from 'node:timers/promises'
import type { Clock } from '../clock.js'

/** So often it is looked whether others are at work. */
const LOOK_MS = 100
/** Others are at work from so many calls a second on. */
const BUSY_PER_SECOND = 100
/** What may be done in such a time is begun together: many at a time are written down by one sync of a disk, here and elsewhere. */
const BEAT_MS = 50
/** What comes in is done a little faster than it comes, so that what waits gets less. */
const AHEAD = 1.25

interface Seen {
  /** Calls of others since the beginning. */
  readonly calls: () => number
  /** Pieces of work that have come since the beginning. */
  readonly arrived: () => number
}

/**
 * How fast work goes on that can wait, while others use the machine: as fast as it comes in, and at least at the pace that is set, so that
 * what waits gets less in any case. While nobody else is there it goes as fast as it can.
 */
export class Courtesy {
  readonly #clock: Clock
  readonly #seen: Seen
  readonly #leastPerSecond: number
  #perSecond = Number.POSITIVE_INFINITY
  #lookedMs: number
  #calls: number
  #arrived: number
  /** What may be begun yet in this beat; less than nothing, where something large was. */
  #left = 0
  #beat = 0

  constructor(clock: Clock, leastPerSecond: number, seen: Seen) {
    this.#clock = clock
    this.#seen = seen
    this.#leastPerSecond = leastPerSecond
    this.#lookedMs = clock.monotonic()
    this.#calls = seen.calls()
    this.#arrived = seen.arrived()
  }

  /** Resolves when a piece of work that counts for so many may be begun. */
  async turn(count: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const nowMs = this.#clock.monotonic()
      this.#look(nowMs)
      if (this.#perSecond === Number.POSITIVE_INFINITY) return
      this.#refill(Math.floor(nowMs / BEAT_MS))
      if (this.#left > 0) break
      await rest(BEAT_MS - (nowMs % BEAT_MS), undefined, { signal })
    }
    this.#left -= count
  }

  #refill(beat: number): void {
    const aBeat = (this.#perSecond * BEAT_MS) / 1_000
    this.#left = Math.min(this.#left + (beat - this.#beat) * aBeat, aBeat)
    this.#beat = beat
  }

  #look(nowMs: number): void {
    const seconds = (nowMs - this.#lookedMs) / 1_000
    if (seconds * 1_000 < LOOK_MS) return
    const [calls, arrived] = [this.#seen.calls(), this.#seen.arrived()]
    const isBusy = (calls - this.#calls) / seconds >= BUSY_PER_SECOND
    const asItComes = ((arrived - this.#arrived) / seconds) * AHEAD
    this.#perSecond = isBusy ? Math.max(this.#leastPerSecond, asItComes) : Number.POSITIVE_INFINITY
    this.#lookedMs = nowMs
    this.#calls = calls
    this.#arrived = arrived
  }
}
