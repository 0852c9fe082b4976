/** What may wait, for each lane: enough that keys which are not busy are found among it. */
const WAITING_FOR_EACH = 32

/** Work of many keys, some of it at a time: that of one key one after the other, in order. A key that takes long keeps one lane, and no other key waiting. */
export class Lanes<T> {
  readonly #count: number
  readonly #work: (item: T) => Promise<void>
  /** Of each key that has work under way or waiting: what waits. */
  readonly #waiting = new Map<string, T[]>()
  /** Keys whose next may begin, in their order. */
  readonly #ready: string[] = []
  readonly #running = new Set<Promise<void>>()
  #waits = 0
  #room: (() => void) | undefined

  constructor(count: number, work: (item: T) => Promise<void>) {
    this.#count = count
    this.#work = work
  }

  /** Resolves when there is room for the next. It is called again only then. */
  add(key: string, item: T): Promise<void> | undefined {
    const waiting = this.#waiting.get(key)
    if (waiting === undefined) {
      this.#waiting.set(key, [item])
      this.#ready.push(key)
    } else {
      waiting.push(item)
    }
    this.#waits++
    this.#begin()
    if (this.#waits < WAITING_FOR_EACH * this.#count) return undefined
    return new Promise((resolve) => {
      this.#room = resolve
    })
  }

  #begin(): void {
    while (this.#running.size < this.#count && this.#ready.length > 0) {
      const running = this.#run(this.#ready.shift()!).then(() => {
        this.#running.delete(running)
        this.#begin()
      })
      this.#running.add(running)
    }
  }

  async #run(key: string): Promise<void> {
    const waiting = this.#waiting.get(key)!
    const item = waiting.shift()!
    this.#waits--
    this.#room?.()
    this.#room = undefined
    await this.#work(item)
    if (waiting.length > 0) this.#ready.push(key)
    else this.#waiting.delete(key)
  }

  /** Waits until all of it is done. */
  async end(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }
}
