import createDebug from 'debug'
import { eventNumberOf } from '../catalog/keys.js'
import type { KvStore } from '../kv/kv.js'
import type { Backlog } from './backlog.js'
import type { BacklogReader } from './backlog-reader.js'
import { REMOVED_AT_ONCE, removeRows } from './remove-rows.js'

const debug = createDebug('aquifer:events')
/** Commits under way at a time. The first does not wait for others to come: what is not removed at a crash is delivered again. */
const COMMITS_MAX = 4
/** Acknowledged events whose rows are still there: so many, and whoever delivers waits. */
const PENDING_MAX = 32
const RETRY_MS = 1_000

/** Deletes the rows of events that their target has, in the order in which it got them; many together when there are many. */
export class Acknowledgements {
  readonly #kv: KvStore
  readonly #backlog: Backlog
  readonly #reader: BacklogReader
  #waiting: Uint8Array[] = []
  /** Waiting or being removed. */
  #pending = 0
  #stopping = false
  readonly #commits = new Set<Promise<void>>()

  readonly #removed: () => void

  /** @param removed Called for each row that is gone. */
  constructor(kv: KvStore, backlog: Backlog, reader: BacklogReader, removed: () => void = () => {}) {
    this.#kv = kv
    this.#backlog = backlog
    this.#reader = reader
    this.#removed = removed
  }

  /** Resolves when there is room for the next one. */
  async add(key: Uint8Array): Promise<void> {
    this.#waiting.push(key)
    this.#pending++
    this.#begin()
    while (this.#pending >= PENDING_MAX && this.#commits.size > 0) await Promise.race(this.#commits)
  }

  /** Commits are carried out in the order of their beginnings. */
  #begin(): void {
    while (this.#waiting.length > 0 && this.#commits.size < COMMITS_MAX) {
      const keys = this.#waiting.slice(0, REMOVED_AT_ONCE)
      this.#waiting = this.#waiting.slice(keys.length)
      const commit = this.#remove(keys).then(() => {
        this.#commits.delete(commit)
        this.#pending -= keys.length
        this.#begin()
      })
      this.#commits.add(commit)
    }
  }

  /** Tries until it succeeds, or nobody wants it any more. */
  async #remove(keys: readonly Uint8Array[]): Promise<void> {
    for (;;) {
      try {
        await removeRows(this.#kv, keys)
        break
      } catch (error) {
        debug('delivered events could not be removed: %o', error)
        if (this.#stopping) return
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref())
      }
    }
    this.#backlog.waiting -= keys.length
    for (const key of keys) {
      this.#reader.done(eventNumberOf(key))
      this.#removed()
    }
  }

  /** Waits for what is pending. What cannot be removed then is delivered again after the next open. */
  async stop(): Promise<void> {
    this.#stopping = true
    while (this.#commits.size > 0) await Promise.all(this.#commits)
  }
}
