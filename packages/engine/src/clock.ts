/** The time, injectable so that a test can hold it still. */
export interface Clock {
  /** Wall clock in milliseconds since 1970. */
  now(): number
  /** Milliseconds that only grow, from an arbitrary start. */
  monotonic(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
}
