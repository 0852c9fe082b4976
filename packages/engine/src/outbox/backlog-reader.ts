import { afterAllUnder, eventKey, eventNumberOf, eventsOf } from '../catalog/keys.js'
import type { KvStore, Row } from '../kv/kv.js'
import type { Backlog } from './backlog.js'

const PAGE_ROWS = 200

/**
 * Goes through a backlog from its beginning, in order, and waits at its end. A row is given out once, until it is released
 * and the reader is sent back to it; a row that is gone is not given out again.
 */
export class BacklogReader {
  readonly #kv: KvStore
  readonly #backlog: Backlog
  #from = 0
  #rewinds = 0
  readonly #taken = new Set<number>()
  /** Rows that went while a page that may hold them is being gone through. */
  readonly #gone = new Set<number>()

  constructor(kv: KvStore, backlog: Backlog) {
    this.#kv = kv
    this.#backlog = backlog
  }

  /** Ends when the signal fires. Where there is nothing left it calls `idle` before it waits. */
  async *rows(signal: AbortSignal, idle?: () => Promise<void>): AsyncGenerator<Row, void, undefined> {
    const { target } = this.#backlog
    const to = afterAllUnder(eventsOf('waiting', target))
    while (!signal.aborted) {
      using changes = new Changes(this.#backlog, signal)
      const { settledBelow } = this.#backlog
      const rewinds = this.#rewinds
      this.#gone.clear()
      const from = eventKey('waiting', target, this.#from)
      const { rows, more } = await this.#kv.scan({ from, to, limit: PAGE_ROWS })
      for (const row of rows) {
        const number = eventNumberOf(row.key)
        if (this.#taken.has(number) || this.#gone.has(number)) continue
        if (signal.aborted) return
        this.#taken.add(number)
        yield row
        if (this.#rewinds !== rewinds) break
      }
      if (this.#rewinds !== rewinds) continue
      const last = rows.at(-1)
      // Commits that are under way may yet write what comes before what is there.
      if (last !== undefined) this.#from = Math.min(eventNumberOf(last.key) + 1, settledBelow)
      if (more) continue
      await idle?.()
      await changes.next()
    }
  }

  /** The row has been deleted. */
  done(number: number): void {
    this.#taken.delete(number)
    this.#gone.add(number)
  }

  /** The row is left for another time. */
  release(number: number): void {
    this.#taken.delete(number)
  }

  /** Goes back, so that what was released is given out again. */
  rewind(number: number): void {
    this.#from = Math.min(this.#from, number)
    this.#rewinds++
    this.#backlog.wake()
  }
}

/** Tells whether a backlog has changed since this was made. */
class Changes implements Disposable {
  readonly #forget: () => void
  readonly #signal: AbortSignal
  #hasChanged = false
  #told: (() => void) | undefined

  constructor(backlog: Backlog, signal: AbortSignal) {
    this.#signal = signal
    this.#forget = backlog.onChange(this.#change)
    signal.addEventListener('abort', this.#change)
  }

  readonly #change = (): void => {
    this.#hasChanged = true
    this.#told?.()
  }

  async next(): Promise<void> {
    if (this.#hasChanged || this.#signal.aborted) return
    await new Promise<void>((resolve) => {
      this.#told = resolve
    })
  }

  [Symbol.dispose](): void {
    this.#forget()
    this.#signal.removeEventListener('abort', this.#change)
  }
}
