import type { Awaitable } from '../kv/kv.js'
import { limits } from '../limits.js'

/** What was found, the least recently asked for forgotten first, until something changes. */
class Shelf<T extends object> {
  readonly #found = new Map<string, T>()

  get(name: string): T | undefined {
    const found = this.#found.get(name)
    if (found === undefined) return undefined
    this.#found.delete(name)
    this.#found.set(name, found)
    return found
  }

  put(name: string, found: T): void {
    this.#found.set(name, found)
    if (this.#found.size <= limits.identitiesRemembered) return
    const [oldest] = this.#found.keys()
    this.#found.delete(oldest!)
  }

  clear(): void {
    this.#found.clear()
  }
}

/**
 * What requests ask for again and again. Whoever changes identities calls `forget` before he says that it is done; what
 * was being looked up meanwhile may be of before, and is not kept.
 */
export class Remembered {
  readonly #shelves: Shelf<object>[] = []
  #forgotten = 0

  forget(): void {
    this.#forgotten++
    for (const shelf of this.#shelves) shelf.clear()
  }

  /** A look-up that is made once for each name between two changes. What is not found is looked for each time. */
  remembering<T extends object>(
    find: (name: string) => Promise<T | undefined>,
  ): (name: string) => Awaitable<T | undefined> {
    const shelf = new Shelf<T>()
    this.#shelves.push(shelf as Shelf<object>)
    const look = async (name: string): Promise<T | undefined> => {
      const before = this.#forgotten
      const found = await find(name)
      if (found !== undefined && before === this.#forgotten) shelf.put(name, found)
      return found
    }
    return (name) => shelf.get(name) ?? look(name)
  }
}
