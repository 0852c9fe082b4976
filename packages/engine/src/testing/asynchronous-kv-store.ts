import { checkChange } from '../kv/check-change.js'
import type {
  Awaitable,
  Change,
  CommitOutcome,
  KvLimits,
  KvStore,
  Revision,
  Row,
  ScanOptions,
  ScanPage,
} from '../kv/kv.js'
import { seededRandom } from './seeded-random.js'

export interface AsynchronousOptions {
  /** Decides every delay and every conflict. */
  seed: number
  /** Share of checked commits that are answered with a conflict although there was none. @defaultValue 0.1 */
  conflictRate?: number
}

/**
 * A store as a distant database would be: every answer comes later, in another order than asked, and a commit
 * may meet a conflict where none was. What runs over it leans on nothing but the port's promises.
 */
export class AsynchronousKvStore implements KvStore {
  readonly limits: KvLimits
  readonly #store: KvStore
  readonly #conflictRate: number
  readonly #random: () => number

  constructor(store: KvStore, { seed, conflictRate = 0.1 }: AsynchronousOptions) {
    this.limits = store.limits
    this.#store = store
    this.#conflictRate = conflictRate
    this.#random = seededRandom(seed)
  }

  get(key: Uint8Array): Promise<Row | undefined> {
    return this.#late(() => this.#store.get(key))
  }

  getMany(keys: readonly Uint8Array[]): Promise<(Row | undefined)[]> {
    return this.#late(() => this.#store.getMany(keys))
  }

  readPayload(key: Uint8Array, revision: Revision): Promise<Uint8Array | 'changed'> {
    return this.#late(() => this.#store.readPayload(key, revision))
  }

  scan(options: ScanOptions): Promise<ScanPage> {
    return this.#late(() => this.#store.scan(options))
  }

  commit(change: Change): Promise<CommitOutcome> {
    return this.#late(() => {
      checkChange(change, this.limits) // What is refused is refused, whatever the state.
      if (change.checks.length === 0 || this.#random() >= this.#conflictRate)
        return this.#store.commit(change)
      return { committed: false, conflicts: change.checks.map(({ key }) => key) }
    })
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  async #late<T>(answer: () => Awaitable<T>): Promise<T> {
    await this.#delay()
    const value = await answer()
    await this.#delay()
    return value
  }

  /** Turns of the event loop, not time: a run is replayed by its seed alone. */
  async #delay(): Promise<void> {
    for (let turns = Math.floor(this.#random() * 4); turns > 0; turns--)
      await new Promise((resolve) => setImmediate(resolve))
  }
}
