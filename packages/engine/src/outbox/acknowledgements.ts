import createDebug from 'debug'
import { Draft } from '../catalog/draft.js'
import { eventNumberOf } from '../catalog/keys.js'
import type { KvStore } from '../kv/kv.js'
import type { Backlog } from './backlog.js'
import type { BacklogReader } from './backlog-reader.js'

const debug = createDebug('aquifer:events')
const REMOVED_AT_ONCE = 500
/** Acknowledged events whose rows are still there: so many, and whoever delivers waits. A crash delivers them again. */
const PENDING_MAX = 64
const RETRY_MS = 1_000

/** Deletes the rows of events that their target has, in the order in which it got them; many together when there are many. */
export class Acknowledgements {
  readonly #kv: KvStore
  readonly #backlog: Backlog
  readonly #reader: BacklogReader
  readonly #pending: Uint8Array[] = []
  #flushing: Promise<void> | undefined
  #stopping = false

  constructor(kv: KvStore, backlog: Backlog, reader: BacklogReader) {
    this.#kv = kv
    this.#backlog = backlog
    this.#reader = reader
  }

  /** Resolves when there is room for the next one. */
  async add(key: Uint8Array): Promise<void> {
    this.#pending.push(key)
    this.#flushing ??= this.#flush()
    while (this.#pending.length >= PENDING_MAX && this.#flushing !== undefined) await this.#flushing
  }

  async #flush(): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        const keys = this.#pending.slice(0, REMOVED_AT_ONCE)
        if (!(await this.#remove(keys))) return
        this.#pending.splice(0, keys.length)
        this.#backlog.waiting -= keys.length
        for (const key of keys) this.#reader.done(eventNumberOf(key))
      }
    } finally {
      this.#flushing = undefined
    }
  }

  /** Tries until it succeeds, or nobody wants it any more. */
  async #remove(keys: readonly Uint8Array[]): Promise<boolean> {
    for (;;) {
      const draft = new Draft(this.#kv)
      draft.freesSpace = true
      for (const key of keys) draft.delete(key)
      try {
        await this.#kv.commit(draft.toChange())
        return true
      } catch (error) {
        debug('delivered events could not be removed: %o', error)
        if (this.#stopping) return false
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref())
      }
    }
  }

  /** Waits for what is pending. What cannot be removed then is delivered again after the next open. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#flushing
  }
}
