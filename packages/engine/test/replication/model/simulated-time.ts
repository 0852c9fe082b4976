import { syncBuiltinESMExports } from 'node:module'
import timersPromises from 'node:timers/promises'

/** Numbers from 0 up to 1. */
export type Random = () => number

interface Due {
  readonly atMs: number
  readonly rank: number
  readonly run: () => void
}

/** So often the loop is gone round before it is believed that nothing goes on by itself. */
const ROUNDS_MAX = 100
/** Timers that go on for ever keep time going on. */
const LASTS_MAX_MS = 24 * 60 * 60_000

/**
 * The time of a simulation: whatever waits, for an answer or for its time, waits in one line, and time goes to whatever comes next
 * when nothing else can go on. What is due together comes in an order of chance, so that a seed decides everything.
 */
export class SimulatedTime {
  readonly #random: Random
  /** A heap: the first is due first. */
  readonly #line: Due[] = []
  #nowMs = 0
  steps = 0

  constructor(random: Random) {
    this.#random = random
  }

  get nowMs(): number {
    return this.#nowMs
  }

  in(delayMs: number, run: () => void): void {
    this.#push({ atMs: this.#nowMs + delayMs, rank: this.#random(), run })
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.in(delayMs, resolve))
  }

  /** Goes on until the work has ended, with the timers of whatever runs in this process in the simulation's hands. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const restore = this.#takeTimers()
    try {
      let isOver = false
      const ending = work().finally(() => {
        isOver = true
      })
      ending.catch(() => {})
      for (let rounds = 0; !isOver; rounds++) {
        await new Promise((resolve) => setImmediate(resolve))
        if (isOver) break
        const next = this.#pop()
        if (next === undefined) {
          if (rounds > ROUNDS_MAX) throw new Error('Nothing goes on any more, and the work has not ended.')
          continue
        }
        rounds = 0
        this.#nowMs = Math.max(this.#nowMs, next.atMs)
        if (this.#nowMs > LASTS_MAX_MS) throw new Error('The work does not end.')
        this.steps++
        next.run()
      }
      return await ending
    } finally {
      restore()
    }
  }

  #takeTimers(): () => void {
    const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis
    const random = Math.random
    const rest = timersPromises.setTimeout
    const begin = (
      delayMs: number,
      isRepeated: boolean,
      run: (...args: unknown[]) => void,
      args: unknown[],
    ) => {
      const timer = { isOver: false, unref: () => timer, ref: () => timer }
      const fire = () => {
        if (timer.isOver) return
        if (isRepeated) this.in(delayMs, fire)
        run(...args)
      }
      this.in(delayMs, fire)
      return timer
    }
    const end = (timer?: { isOver: boolean }) => {
      if (timer !== undefined) timer.isOver = true
    }
    const set = (isRepeated: boolean) =>
      ((run: () => void, delayMs = 1, ...args: unknown[]) =>
        begin(Math.max(1, delayMs), isRepeated, run, args)) as never
    Object.assign(globalThis, {
      setTimeout: set(false),
      setInterval: set(true),
      clearTimeout: end,
      clearInterval: end,
    })
    Math.random = this.#random
    timersPromises.setTimeout = ((delayMs = 1, value: unknown) =>
      this.sleep(delayMs).then(() => value)) as never
    syncBuiltinESMExports()
    return () => {
      Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval })
      Math.random = random
      timersPromises.setTimeout = rest
      syncBuiltinESMExports()
    }
  }

  #push(due: Due): void {
    const line = this.#line
    let at = line.push(due) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (isBefore(line[above]!, due)) break
      line[at] = line[above]!
      at = above
    }
    line[at] = due
  }

  #pop(): Due | undefined {
    const line = this.#line
    const first = line[0]
    const last = line.pop()
    if (first === undefined || last === undefined || line.length === 0) return first
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= line.length) break
      if (below + 1 < line.length && isBefore(line[below + 1]!, line[below]!)) below++
      if (isBefore(last, line[below]!)) break
      line[at] = line[below]!
      at = below
    }
    line[at] = last
    return first
  }
}

const isBefore = (one: Due, other: Due): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.rank <= other.rank)
