/**
 * The right to change a key, one holder at a time within this process, in the order of asking. Turns make
 * conflicts rare; correctness comes from the commit's checks alone.
 */
export class Turns {
  readonly #tails = new Map<string, Promise<void>>()

  /** Takes the turns of all names, in one sorted order, so that two callers never wait for each other. */
  async acquire(names: readonly string[]): Promise<Disposable> {
    const held: Disposable[] = []
    for (const name of names.length > 1 ? [...new Set(names)].sort() : names)
      held.push(await this.#take(name))
    return {
      [Symbol.dispose]() {
        for (const turn of held) turn[Symbol.dispose]()
      },
    }
  }

  async #take(name: string): Promise<Disposable> {
    const before = this.#tails.get(name)
    let done!: () => void
    const mine = new Promise<void>((resolve) => {
      done = resolve
    })
    this.#tails.set(name, mine)
    if (before !== undefined) await before
    return {
      [Symbol.dispose]: () => {
        if (this.#tails.get(name) === mine) this.#tails.delete(name)
        done()
      },
    }
  }
}
