import type { ReplicationTargetStatus } from '../../contract/replication.js'

/** So many are remembered, of so long: with more, of the last alone. */
const REMEMBERED = 4_096
const REMEMBERED_MS = 5 * 60_000

/** How long versions took from their commits to their target, of the last minutes. */
export class Lag {
  readonly #lags = new Float64Array(REMEMBERED)
  readonly #ends = new Float64Array(REMEMBERED)
  #count = 0

  add(nowMs: number, lagMs: number): void {
    const at = this.#count++ % REMEMBERED
    this.#lags[at] = Math.max(0, lagMs)
    this.#ends[at] = nowMs
  }

  of(nowMs: number): ReplicationTargetStatus['lagMs'] {
    const filled = Math.min(this.#count, REMEMBERED)
    const lags = this.#lags
      .subarray(0, filled)
      .filter((_, at) => nowMs - this.#ends[at]! <= REMEMBERED_MS)
      .sort()
    if (lags.length === 0) return undefined
    const at = (share: number): number => lags[Math.min(lags.length - 1, Math.floor(lags.length * share))]!
    return { median: at(0.5), p99: at(0.99), max: lags[lags.length - 1]! }
  }
}
