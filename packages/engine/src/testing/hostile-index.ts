import type {
  Index,
  IndexBatch,
  IndexEntry,
  IndexLocation,
  IndexRange,
  IndexTextEntry,
} from '../kv/level/index/index-port.js'
import { OrderedKeys } from '../kv/memory/ordered-keys.js'
import { seededRandom } from './seeded-random.js'

type Operation = readonly [key: string, value: Uint8Array | undefined]

export interface HostileIndexOptions {
  /** Decides how long calls take and what they come to. */
  seed: number
  /** Share of batches, flushes and openings that fail. @defaultValue 0 */
  failureRate?: number
}

/**
 * The index under the journal, as bad as it may be. It stands in for LevelDB, which does its own input and output
 * and so cannot stand on a simulated disk:
 *
 * - at a crash it keeps any prefix of the batches that were neither synced nor flushed;
 * - a batch that failed may show all the same, and whatever is written after it is lost when the index is closed,
 *   synced or not, as happens behind a torn record in LevelDB's log;
 * - a flush that failed resolves; only the next batch says so;
 * - everything that is asked to wait comes later.
 */
export class HostileIndex implements IndexLocation {
  readonly #options: Required<HostileIndexOptions>
  readonly #random: () => number
  #batches: Operation[][] = []
  /** How many of the batches are durable. */
  #durable = 0
  /** How many of the batches will be found by the next open; the rest is behind a torn record. */
  #reachable: number | undefined
  #exists = false
  /** Which opening the index is in; a close begins another. */
  #openings = 0
  #isOff = false

  constructor(options: HostileIndexOptions) {
    this.#options = { failureRate: 0, ...options }
    this.#random = seededRandom(options.seed)
  }

  /** The machine's power goes: answers with what the index may hold afterwards. */
  crash(seed: number): HostileIndex {
    this.#isOff = true
    return this.ifCutNow(seed)
  }

  /** What {@link crash} would answer with at this moment; this machine goes on. */
  ifCutNow(seed: number): HostileIndex {
    const random = seededRandom(seed)
    const end = this.#reachable ?? this.#batches.length
    return this.#after(this.#durable + Math.floor(random() * (Math.max(0, end - this.#durable) + 1)), seed)
  }

  /** The process goes: what it wrote is all there. */
  kill(): HostileIndex {
    this.#isOff = true
    return this.#after(this.#reachable ?? this.#batches.length, Math.floor(this.#random() * 2 ** 32))
  }

  /** How often batches, flushes and openings fail from now on. */
  set failureRate(rate: number) {
    this.#options.failureRate = rate
  }

  #after(batches: number, seed: number): HostileIndex {
    const after = new HostileIndex({ ...this.#options, seed })
    after.#batches = this.#batches.slice(0, batches)
    after.#durable = Math.min(this.#durable, batches)
    after.#exists = this.#exists
    return after
  }

  async exists(): Promise<boolean> {
    return this.#exists
  }

  async open(): Promise<Index> {
    await this.#later()
    this.#failPerhaps()
    this.#exists = true
    const opening = ++this.#openings
    // As with LevelDB, whoever still holds an index that was closed cannot write to the one opened after it.
    const later = async () => {
      await this.#later()
      if (opening !== this.#openings) throw new Error('the index is closed')
    }
    return new OpenHostileIndex(this.#batches, {
      write: (batch, sync) => this.#write(batch, sync, later),
      flush: () => this.#flush(later),
      close: () => this.#close(),
    })
  }

  async discard(): Promise<void> {
    await this.#later()
    this.#batches = []
    this.#durable = 0
    this.#reachable = undefined
    this.#exists = false
  }

  #isFlushBroken = false

  async #write(batch: Operation[], sync: boolean, later: () => Promise<void>): Promise<void> {
    await later()
    if (this.#isFlushBroken) throw new Error('IO error: an earlier flush failed')
    try {
      this.#failPerhaps()
    } catch (error) {
      this.#reachable ??= this.#batches.length
      if (this.#random() < 0.5) this.#batches.push(batch)
      throw error
    }
    this.#batches.push(batch)
    if (sync && this.#reachable === undefined) this.#durable = this.#batches.length
  }

  async #flush(later: () => Promise<void>): Promise<void> {
    const written = this.#batches.length
    await later()
    if (this.#random() < this.#options.failureRate) this.#isFlushBroken = true
    else if (this.#reachable === undefined) this.#durable = Math.max(this.#durable, written)
  }

  async #close(): Promise<void> {
    this.#openings++
    await this.#later()
    this.#batches.length = Math.min(this.#batches.length, this.#reachable ?? Number.POSITIVE_INFINITY)
    this.#batches = [...this.#batches]
    this.#reachable = undefined
    this.#isFlushBroken = false
  }

  #failPerhaps(): void {
    if (this.#random() < this.#options.failureRate) throw new Error('IO error: the hostile index')
  }

  /** Turns of the event loop, not time: a run is replayed by its seed alone. */
  async #later(): Promise<void> {
    for (let turns = Math.floor(this.#random() * 3); turns >= 0; turns--) {
      await new Promise((resolve) => setImmediate(resolve))
      // Nobody hears from a process that is gone.
      if (this.#isOff) throw new Error('the power is off')
    }
  }
}

interface Calls {
  write(batch: Operation[], sync: boolean): Promise<void>
  flush(): Promise<void>
  close(): Promise<void>
}

/** All rows, as of the batches written so far. */
class OpenHostileIndex implements Index {
  readonly isVerified = false
  readonly #rows = new Map<string, Uint8Array>()
  readonly #keys = new OrderedKeys()
  readonly #calls: Calls
  readonly #batches: Operation[][]
  #shown = 0

  constructor(batches: Operation[][], calls: Calls) {
    this.#batches = batches
    this.#calls = calls
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#current().get(text(key))
  }

  async scan({ from, to, limit, reverse }: IndexRange): Promise<IndexEntry[]> {
    const rows = this.#current()
    const entries: IndexEntry[] = []
    for (const key of this.#keys[reverse ? 'downwards' : 'upwards'](text(from), text(to))) {
      if (entries.length === limit) break
      entries.push([Buffer.from(key, 'latin1'), rows.get(key)!])
    }
    return entries
  }

  async scanText(range: IndexRange): Promise<IndexTextEntry[]> {
    const entries = await this.scan(range)
    return entries.map(([key, value]) => [Buffer.from(key).toString('utf8'), value])
  }

  batch(): IndexBatch {
    const operations: Operation[] = []
    return {
      put: (key, value) => void operations.push([text(key), new Uint8Array(value)]),
      delete: (key) => void operations.push([text(key), undefined]),
      write: ({ sync }) => this.#calls.write(operations, sync),
    }
  }

  flush(): Promise<void> {
    return this.#calls.flush()
  }

  async findDamage(): Promise<undefined> {}

  async sizeBytes(): Promise<number> {
    return this.#batches.length
  }

  close(): Promise<void> {
    return this.#calls.close()
  }

  #current(): Map<string, Uint8Array> {
    for (; this.#shown < this.#batches.length; this.#shown++) {
      for (const [key, value] of this.#batches[this.#shown]!) {
        if (value === undefined) {
          this.#rows.delete(key)
          this.#keys.remove(key)
        } else {
          this.#rows.set(key, value)
          this.#keys.add(key)
        }
      }
    }
    return this.#rows
  }
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
