/** What waits in a lane, so that one slow or much used key does not keep the others from being looked at. */
const WAITING_MAX = 32

/** Work of many keys, some of it at a time: that of one key is done in order, for all of it goes through one lane. */
export class Lanes<T> {
  readonly #lanes: Lane<T>[]

  constructor(count: number, work: (item: T) => Promise<void>) {
    this.#lanes = Array.from({ length: count }, () => new Lane(work))
  }

  /** Resolves when the lane has room for the next. */
  add(key: string, item: T): Promise<void> | undefined {
    return this.#lanes[hash(key) % this.#lanes.length]!.add(item)
  }

  /** Waits until all of it is done. */
  async end(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.running))
  }
}

class Lane<T> {
  readonly #work: (item: T) => Promise<void>
  readonly #waiting: T[] = []
  #room: (() => void) | undefined
  running: Promise<void> | undefined

  constructor(work: (item: T) => Promise<void>) {
    this.#work = work
  }

  add(item: T): Promise<void> | undefined {
    this.#waiting.push(item)
    this.running ??= this.#run()
    if (this.#waiting.length < WAITING_MAX) return undefined
    return new Promise((resolve) => {
      this.#room = resolve
    })
  }

  async #run(): Promise<void> {
    for (let item = this.#waiting.shift(); item !== undefined; item = this.#waiting.shift()) {
      this.#room?.()
      this.#room = undefined
      await this.#work(item)
    }
    this.running = undefined
  }
}

/** FNV-1a. It spreads keys, and need not resist anybody. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value >>> 0
}
