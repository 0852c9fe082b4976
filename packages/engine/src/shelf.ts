/** What was found under names, so much of it: the least recently asked for is forgotten first. */
export class Shelf<T extends object> {
  readonly #max: number
  readonly #found = new Map<string, T>()

  constructor(max: number) {
    this.#max = max
  }

  get(name: string): T | undefined {
    const found = this.#found.get(name)
    if (found === undefined) return undefined
    this.#found.delete(name)
    this.#found.set(name, found)
    return found
  }

  put(name: string, found: T): void {
    this.#found.set(name, found)
    if (this.#found.size <= this.#max) return
    const [oldest] = this.#found.keys()
    this.#found.delete(oldest!)
  }

  clear(): void {
    this.#found.clear()
  }
}
