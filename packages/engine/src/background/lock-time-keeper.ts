import createDebug from 'debug'
import type { LockTime } from '../commit/lock-time.js'
import { limits } from '../limits.js'

const debug = createDebug('aquifer:lock-time')

/** Has the time seen written down each minute, and when the engine closes. */
export class LockTimeKeeper {
  readonly #lockTime: LockTime
  #timer: NodeJS.Timeout | undefined
  #noting: Promise<void> = Promise.resolve()

  constructor(lockTime: LockTime) {
    this.#lockTime = lockTime
  }

  /** From now on by itself; without this, only when it stops. */
  start(): void {
    this.#timer = setInterval(() => this.#note(), limits.lockTimeNotedEveryMs).unref()
  }

  #note(): void {
    this.#noting = this.#noting.then(() =>
      // A note that is missed makes locks last longer, if anything, and a disk that ails shows itself elsewhere.
      this.#lockTime.note().catch((error) => debug('the time could not be noted: %o', error)),
    )
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#note()
    await this.#noting
  }
}
