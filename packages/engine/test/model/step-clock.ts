import type { Clock, Ids } from '@aquifer/engine/stores'

/** Stands still until it is told to go on. */
export class StepClock implements Clock {
  #nowMs = Date.UTC(2026, 0, 2, 3, 4, 5)
  now(): number {
    return this.#nowMs
  }
  monotonic(): number {
    return this.#nowMs
  }
  advance(ms: number): void {
    this.#nowMs += ms
  }
}

/** Ids in the order they are asked for. */
export class StepIds implements Ids {
  readonly #clock: Clock
  #count = 0
  constructor(clock: Clock) {
    this.#clock = clock
  }
  next(): Uint8Array {
    const id = Buffer.alloc(16)
    id.writeUIntBE(this.#clock.now(), 0, 6)
    id.writeUIntBE(++this.#count, 10, 6)
    return new Uint8Array(id)
  }
}
