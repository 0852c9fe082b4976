import type { WhenFull } from '../contract/events.js'

/** How a target's backlog is bounded. */
export interface BacklogBounds {
  readonly backlogMax: number
  readonly whenFull: WhenFull
}

/**
 * What waits for one target: how much, and where it begins. The events themselves are rows of the store and nowhere else;
 * this counts them, and wakes whoever delivers them.
 */
export class Backlog {
  readonly target: string
  bounds: BacklogBounds
  waiting = 0
  /** All that were ever placed here, since the store was opened. */
  placed = 0
  /** None that waits has a lower number, and none ever will: where to begin to look for the first. */
  oldest = 0
  deadLetters = 0
  /** Rows that tell of events which were dropped. */
  gapRows = 0
  /** Numbers given to commits that are not over, or of which nobody knows how they ended. */
  readonly #unsettled = new Set<number>()
  readonly #listeners = new Set<() => void>()

  constructor(target: string, bounds: BacklogBounds) {
    this.target = target
    this.bounds = bounds
  }

  get isFull(): boolean {
    return this.waiting + this.deadLetters >= this.bounds.backlogMax
  }

  /** A commit under way will write its event under this number. */
  place(number: number): void {
    this.#unsettled.add(number)
    this.waiting++
    this.placed++
  }

  /** Of an unknown outcome the number stays: the event may come to light yet. */
  settle(number: number, outcome: 'committed' | 'absent' | 'unknown'): void {
    if (outcome !== 'unknown') this.#unsettled.delete(number)
    if (outcome === 'absent') this.waiting--
    else this.wake()
  }

  /** No event below this number is yet to be written. */
  get settledBelow(): number {
    let lowest = Number.POSITIVE_INFINITY
    for (const number of this.#unsettled) if (number < lowest) lowest = number
    return lowest
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  wake(): void {
    for (const listener of this.#listeners) listener()
  }
}
