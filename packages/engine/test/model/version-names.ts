/** Nothing was ever called so. */
const UNKNOWN = '0'.repeat(32)

/** The engine's version ids by the names that the model gives to the same versions: v1, v2, … as they are made. */
export class VersionNames {
  readonly #names = new Map([
    ['null', 'null'],
    [UNKNOWN, 'unknown'],
  ])
  readonly #ids = new Map([...this.#names].map(([id, name]) => [name, id]))
  #made = 0

  /** An id that was never met is that of the version just made. */
  nameOf(id: string): string {
    let name = this.#names.get(id)
    if (name === undefined) {
      name = `v${++this.#made}`
      this.#names.set(id, name)
      this.#ids.set(name, id)
    }
    return name
  }

  idOf(name: string): string {
    return this.#ids.get(name)!
  }

  /** The same facts with the name in the place of the id. */
  named<T extends { versionId?: string }>(facts: T): T {
    return facts.versionId === undefined ? facts : { ...facts, versionId: this.nameOf(facts.versionId) }
  }
}
