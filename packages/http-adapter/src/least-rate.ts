/** How slowly a client may send its body or take its answer. */
export interface LeastRate {
  /** @defaultValue 1024 */
  readonly bytesPerSecond: number
  /** How long a client may stay below it, or be silent. @defaultValue 30000 */
  readonly windowMs: number
}

/** Of one direction of one request. */
export interface Exchange {
  /** From now on it is the client we wait for, and these bytes are all under way to it already. */
  wait(underWayBytes?: number): void
  /** The client has sent or taken these bytes, and what comes next is ours to do. */
  moved(bytes: number): void
  end(): void
}

const ticksPerWindow = 30

/**
 * Gives up clients that keep a request open by trickling. What counts is the time we wait for the client alone: a slow
 * disk makes no client slow. A client owes the least rate for every moment it is waited for, and is cut off once it owes
 * more than a window's worth; what it moves pays its debt, and earns it no credit.
 *
 * Time is counted by the ticks of one timer, which runs only while there is somebody to watch: for a short request
 * nothing is done but to note it. A process that was held up counts one tick, and blames nobody for it.
 */
export class LeastRateGuard {
  readonly #watched = new Set<WatchedExchange>()
  readonly #bytesPerTick: number
  readonly #owedMaxBytes: number
  readonly #tickMs: number
  #timer: NodeJS.Timeout | undefined

  constructor({ bytesPerSecond, windowMs }: LeastRate) {
    this.#tickMs = windowMs / ticksPerWindow
    this.#owedMaxBytes = (bytesPerSecond * windowMs) / 1_000
    this.#bytesPerTick = this.#owedMaxBytes / ticksPerWindow
  }

  /** @param cut Called at most once, when the client is given up. It is no longer watched then. */
  begin(cut: () => void): Exchange {
    const exchange = new WatchedExchange(cut, this.#watched)
    this.#watched.add(exchange)
    this.#timer ??= setInterval(() => this.tick(), this.#tickMs).unref()
    return exchange
  }

  /** A thirtieth of the window has passed. */
  tick(): void {
    for (const exchange of this.#watched) {
      if (!exchange.owe(this.#bytesPerTick, this.#owedMaxBytes)) continue
      exchange.end()
      exchange.cut()
    }
    if (this.#watched.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

class WatchedExchange implements Exchange {
  readonly cut: () => void
  readonly #watched: Set<WatchedExchange>
  #isWaiting = false
  #owedBytes = 0
  #underWayBytes = 0

  constructor(cut: () => void, watched: Set<WatchedExchange>) {
    this.cut = cut
    this.#watched = watched
  }

  wait(underWayBytes = 0): void {
    this.#isWaiting = true
    this.#underWayBytes = underWayBytes
  }

  moved(bytes: number): void {
    this.#isWaiting = false
    this.#owedBytes = Math.max(0, this.#owedBytes - bytes)
  }

  end(): void {
    this.#watched.delete(this)
  }

  /** Whether it owes too much by now. How far it has got with what is under way to it cannot be seen. */
  owe(bytes: number, maxBytes: number): boolean {
    if (!this.#isWaiting) return false
    this.#owedBytes += bytes
    return this.#owedBytes > maxBytes + this.#underWayBytes
  }
}
