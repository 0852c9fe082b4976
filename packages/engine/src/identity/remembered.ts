import type { Awaitable } from '../kv/kv.js'
import { limits } from '../limits.js'
import { Shelf } from '../shelf.js'

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
    const shelf = new Shelf<T>(limits.identitiesRemembered)
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
