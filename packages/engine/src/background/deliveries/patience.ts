import { retryDelayMs } from './retry-delay.js'

/** Longer than a silent target is waited for: what takes so long is on its way, and the others need not wait for its end. */
const TRIAL_MAX_MS = 60_000

/** Where so many keys wait each for itself, no more are tried. */
const KEYS_WAITING_MAX = 10_000
/** Keys whose time has come within so long are looked at together: each look goes through all that wait. */
const TOGETHER_MS = 200

interface Settings {
  readonly concurrency: number
  /** Failures that say that the target is down are told of as that: from others, however many, it does not follow. */
  readonly tellsWhenDown: boolean
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
 * failed without one that did not, it is the target that is down, unless that would have been told: then all of it rests.
 */
export class Patience {
  readonly #settings: Settings
  readonly #keys = new Map<string, Waiting>()
  /** The first event of the keys whose time has come. */
  #due: number | undefined
  #failuresInARow = 0
  #rests = 0
  /** When it has rested one is tried, and the others wait for what comes of it. */
  #state: 'takes' | 'rests' | 'may be tried' | 'is tried' = 'takes'
  /** Who waits for it, in order: whatever was tried in vain comes behind all others. */
  readonly #line: ((isTrial: boolean) => void)[] = []
  #trialTimer: NodeJS.Timeout | undefined
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
    if (waiting === undefined) return
    if (this.#due === undefined) setTimeout(() => this.#retryDue(), TOGETHER_MS).unref()
    this.#due = Math.min(this.#due ?? waiting.first, waiting.first)
  }

  #retryDue(): void {
    const due = this.#due!
    this.#due = undefined
    this.#settings.retry(due)
  }

  /**
   * A target that was down is back: nobody waits any longer for what failed because of that. Where it would have been told, keys wait for
   * reasons of their own, and would use up their tries at a target that comes and goes.
   */
  succeeded(): void {
    this.#failuresInARow = 0
    this.#open()
    if (this.#rests === 0) return
    this.#rests = 0
    this.#wakeAll()
    if (this.#settings.tellsWhenDown) return
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
    const { concurrency, pauseMaxMs, tellsWhenDown } = this.#settings
    const isDown = !tellsWhenDown || this.#keys.size >= KEYS_WAITING_MAX
    if (isDown && this.#failuresInARow >= concurrency) return this.rests(pauseMaxMs)
    if (this.#state !== 'rests') this.#open()
    return undefined
  }

  /** It is down: for how long it is left alone now. */
  rests(pauseMaxMs: number): number {
    // Those that were under way together have failed together: that is one rest, not one for each.
    const isFirst = this.#state !== 'rests'
    if (isFirst) this.#rests++
    const delayMs = retryDelayMs(this.#rests, this.#settings.retryDelayMs, pauseMaxMs)
    if (isFirst) void this.#restFor(delayMs)
    return delayMs
  }

  async #restFor(delayMs: number): Promise<void> {
    clearTimeout(this.#trialTimer)
    this.#state = 'rests'
    await this.rest(delayMs)
    if (this.#state === 'rests') this.#tryNext()
  }

  #tryNext(): void {
    const next = this.#line.shift()
    this.#state = next === undefined ? 'may be tried' : 'is tried'
    clearTimeout(this.#trialTimer)
    this.#trialTimer = setTimeout(() => this.#open(), TRIAL_MAX_MS).unref()
    next?.(true)
  }

  #open(): void {
    clearTimeout(this.#trialTimer)
    this.#state = 'takes'
    for (const wake of this.#line.splice(0)) wake(false)
  }

  /** Whoever is let through tells what came of it: `succeeded`, `failed`, `rests`, or `untried`. */
  async whileTargetRests(): Promise<void> {
    while (!this.#settings.signal.aborted) {
      if (this.#state === 'takes') return
      if (this.#state === 'may be tried') {
        this.#state = 'is tried'
        return
      }
      const isTrial = await new Promise<boolean>((resolve) => this.#line.push(resolve))
      if (isTrial) return
    }
  }

  /** It was not given to the target after all. */
  untried(): void {
    if (this.#state === 'is tried') this.#tryNext()
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
    this.#open()
    this.#wakeAll()
  }
}
