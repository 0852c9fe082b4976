import createDebug from 'debug'
import type { LockTime } from '../commit/lock-time.js'
import { limits } from '../limits.js'

const debug = createDebug('aquifer:lock-time')

/** Has the time seen written down each minute, and when the engine closes. */
export class LockTimeKeeper {
  readonly #lockTime: LockTime
  readonly #timer: NodeJS.Timeout | undefined
  #noting: Promise<void> = Promise.resolve()

  constructor(lockTime: LockTime, { background }: { background: boolean }) {
    this.#lockTime = lockTime
    if (background) this.#timer = setInterval(() => this.#note(), limits.lockTimeNotedEveryMs).unref()
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
