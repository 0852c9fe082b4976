import { setTimeout as rest } from 'node:timers/promises'
import type { Clock } from '../clock.js'

/** So often it is looked whether others are at work. */
const LOOK_MS = 200
/** Others are at work from so many calls a second on. */
const BUSY_PER_SECOND = 100
/** What may be done in such a time is begun together: many at a time are written down by one sync of a disk, here and elsewhere. */
const BEAT_MS = 50
/** What comes in is done a little faster than it comes, so that what waits gets less. */
const AHEAD = 1.25
/**
 * A machine that is at work for more than this share of the time has no more to give: a thread that writes as fast as it can is so for
 * three quarters, and waits for the disk for the rest.
 */
const FULL = 0.65
/** With each look it goes so much slower while the machine is full, or faster while it is not. */
const SLOWER = 0.7
const FASTER = 1.25
/** Faster than so many times the least it never is, lest it took long to become slow again. */
const MOST = 10

interface Seen {
  /** Calls of others since the beginning. */
  readonly calls: () => number
  /** Pieces of work that have come since the beginning. */
  readonly arrived: () => number
  /** The share of the time, since it was last asked, for which the machine was at work. */
  readonly utilization: () => number
}

/**
 * How fast work goes on that can wait, while others call: as fast as leaves the machine some time; and where they take all of
 * it, as fast as it comes in, and at least at the pace that is set, so that what waits gets less in any case. While nobody else
 * calls it goes as fast as it can.
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
    const isFull = this.#seen.utilization() > FULL
    const least = Math.max(this.#leastPerSecond, asItComes)
    const most = Math.max(this.#leastPerSecond * MOST, asItComes)
    // When others come it is slow at first, and finds out whether it need be.
    const before = this.#perSecond === Number.POSITIVE_INFINITY ? least : this.#perSecond
    const adapted = before * (isFull ? SLOWER : FASTER)
    this.#perSecond = isBusy ? Math.min(Math.max(least, adapted), most) : Number.POSITIVE_INFINITY
    this.#lookedMs = nowMs
    this.#calls = calls
    this.#arrived = arrived
  }
}
