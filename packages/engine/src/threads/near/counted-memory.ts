import type { Awaitable } from '../../kv/kv.js'
import { limits } from '../../limits.js'
import type { SharedCount } from '../../sync/shared-count.js'

interface Found<T> {
  readonly value: T | undefined
  /** Whether it stays so until a change is counted. */
  readonly isLasting: boolean
}

/** Remembers what was found for as long as a count stays what it was before the look. */
export class CountedMemory {
  readonly #count: SharedCount
  readonly #shelves: Map<string, unknown>[] = []
  #seen: number

  constructor(count: SharedCount) {
    this.#count = count
    this.#seen = count.value
  }

  /** @param find What answers nothing at all is not remembered. */
  of<T>(find: (name: string) => Promise<Found<T> | undefined>): (name: string) => Awaitable<T | undefined> {
    const shelf = new Map<string, T | undefined>()
    this.#shelves.push(shelf)
    const look = async (name: string, before: number): Promise<T | undefined> => {
      const found = await find(name)
      if (found?.isLasting && before === this.#look()) {
        if (shelf.size >= limits.identitiesRemembered) shelf.clear()
        shelf.set(name, found.value)
      }
      return found?.value
    }
    return (name) => {
      const now = this.#look()
      return shelf.has(name) ? shelf.get(name) : look(name, now)
    }
  }

  /** What the count is at this moment. What was found before it changed is forgotten. */
  #look(): number {
    const now = this.#count.value
    if (now !== this.#seen) {
      this.#seen = now
      for (const shelf of this.#shelves) shelf.clear()
    }
    return now
  }
}
