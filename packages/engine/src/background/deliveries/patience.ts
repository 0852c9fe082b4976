import { retryDelayMs } from './retry-delay.js'

interface Settings {
  readonly concurrency: number
  readonly retryDelayMs: number
  readonly pauseMaxMs: number
  /** Has the events from this number on looked at again. */
  readonly retry: (number: number) => void
  readonly signal: AbortSignal
}

/** What waits since an event of its key was not taken. */
interface Waiting {
  first: number
  readonly timer: NodeJS.Timeout
}

/**
 * When to try again. Keys whose events were refused wait each for itself. When as many deliveries as there are at a time have
 * failed without one that did not, it is the target that is down: then all of it rests.
 */
export class Patience {
  readonly #settings: Settings
  readonly #keys = new Map<string, Waiting>()
  #failuresInARow = 0
  #rests = 0
  #resting: Promise<void> | undefined
  /** When it has rested one is tried, and the others wait for what comes of it. */
  #trial: 'none' | 'due' | 'under way' = 'none'
  readonly #trialOver: (() => void)[] = []
  readonly #sleepers = new Set<() => void>()

  constructor(settings: Settings) {
    this.#settings = settings
    settings.signal.addEventListener('abort', () => this.#stop())
  }

  /** Whether an event waits behind another of its key. */
  isWaiting(key: string, number: number): boolean {
    const waiting = this.#keys.get(key)
    if (waiting === undefined) return false
    waiting.first = Math.min(waiting.first, number)
    return true
  }

  wait(key: string, number: number, delayMs: number): void {
    const timer = setTimeout(() => this.#again(key), delayMs).unref()
    this.#keys.set(key, { first: number, timer })
  }

  #again(key: string): void {
    const waiting = this.#keys.get(key)
    this.#keys.delete(key)
    if (waiting !== undefined) this.#settings.retry(waiting.first)
  }

  /** A target that was down is back: nobody waits any longer for what failed because of that. */
  succeeded(): void {
    this.#failuresInARow = 0
    this.#endTrial('none')
    if (this.#rests === 0) return
    this.#rests = 0
    this.#wakeAll()
    let first = Number.POSITIVE_INFINITY
    for (const waiting of this.#keys.values()) {
      clearTimeout(waiting.timer)
      first = Math.min(first, waiting.first)
    }
    this.#keys.clear()
    if (first !== Number.POSITIVE_INFINITY) this.#settings.retry(first)
  }

  /** For how long the target is left alone now; undefined if it is not down. */
  failed(): number | undefined {
    this.#failuresInARow++
    if (this.#failuresInARow >= this.#settings.concurrency) return this.rests(this.#settings.pauseMaxMs)
    this.#endTrial('none')
    return undefined
  }

  /** It is down: for how long it is left alone now. */
  rests(pauseMaxMs: number): number {
    const { retryDelayMs: firstMs } = this.#settings
    this.#endTrial('none')
    const delayMs = retryDelayMs(++this.#rests, firstMs, pauseMaxMs)
    // Those that were under way together have failed together: that is one rest, not one for each.
    if (this.#resting === undefined) this.#resting = this.#restFor(delayMs)
    else this.#rests--
    return delayMs
  }

  async #restFor(delayMs: number): Promise<void> {
    await this.rest(delayMs)
    this.#resting = undefined
    this.#endTrial('due')
  }

  /** Whoever is let through tells what came of it: `succeeded`, `failed`, `rests`, or `untried`. */
  async whileTargetRests(): Promise<void> {
    while (!this.#settings.signal.aborted)
      if (this.#resting !== undefined) await this.#resting
      else if (this.#trial === 'under way')
        await new Promise<void>((resolve) => this.#trialOver.push(resolve))
      else {
        if (this.#trial === 'due') this.#trial = 'under way'
        return
      }
  }

  /** It was not given to the target after all. */
  untried(): void {
    if (this.#trial === 'under way') this.#endTrial('due')
  }

  #endTrial(next: 'none' | 'due'): void {
    this.#trial = next
    for (const wake of this.#trialOver.splice(0)) wake()
  }

  /** Waits so long, unless there is nothing to wait for any more. */
  async rest(delayMs: number): Promise<void> {
    if (this.#settings.signal.aborted) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => wake(), delayMs).unref()
      const wake = () => {
        clearTimeout(timer)
        this.#sleepers.delete(wake)
        resolve()
      }
      this.#sleepers.add(wake)
    })
  }

  #wakeAll(): void {
    for (const wake of this.#sleepers) wake()
  }

  #stop(): void {
    for (const { timer } of this.#keys.values()) clearTimeout(timer)
    this.#keys.clear()
    this.#endTrial('none')
    this.#wakeAll()
  }
}
