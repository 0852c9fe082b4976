import { engineClosed } from '../../errors.js'
import { checkChange } from '../check-change.js'
import { type KeyText, keyText } from '../key-text.js'
import {
  type Change,
  type Check,
  type CommitOutcome,
  type KvStore,
  kvLimits,
  type Revision,
  type Row,
  type ScanOptions,
  type ScanPage,
} from '../kv.js'
import { OrderedKeys } from './ordered-keys.js'

interface Stored {
  readonly row: Row
  readonly payload: Uint8Array
}

const NO_PAYLOAD = new Uint8Array(0)

/** A key–value store that forgets everything when it is closed: for tests, and for engines that need no disk. */
export class MemoryKvStore implements KvStore {
  readonly limits = kvLimits
  readonly #rows = new Map<KeyText, Stored>()
  readonly #keys = new OrderedKeys()
  #revision: Revision = 0
  #closed = false

  private constructor() {}

  static open(): MemoryKvStore {
    return new MemoryKvStore()
  }

  get(key: Uint8Array): Row | undefined {
    this.#checkOpen()
    return this.#find(key)?.row
  }

  getMany(keys: readonly Uint8Array[]): (Row | undefined)[] {
    this.#checkOpen()
    return keys.map((key) => this.#find(key)?.row)
  }

  readPayload(key: Uint8Array, revision: Revision): Uint8Array | 'changed' {
    this.#checkOpen()
    const found = this.#find(key)
    return found?.row.revision === revision ? found.payload : 'changed'
  }

  async scan({ from, to, limit, reverse }: ScanOptions): Promise<ScanPage> {
    this.#checkOpen()
    const rows: Row[] = []
    const range = [keyText(from), keyText(to)] as const
    for (const key of reverse ? this.#keys.downwards(...range) : this.#keys.upwards(...range)) {
      if (rows.length === limit) return { rows, more: true }
      rows.push(this.#rows.get(key)!.row)
    }
    return { rows, more: false }
  }

  async commit(change: Change): Promise<CommitOutcome> {
    this.#checkOpen()
    checkChange(change, this.limits)
    const conflicts = change.checks.filter((check) => !this.#holds(check)).map(({ key }) => key)
    if (conflicts.length > 0) return { committed: false, conflicts }

    const revision = ++this.#revision
    for (const { key, value, payload = NO_PAYLOAD } of change.puts) {
      const text = keyText(key)
      this.#keys.add(text)
      this.#rows.set(text, {
        row: {
          key: new Uint8Array(key),
          value: new Uint8Array(value),
          revision,
          payloadBytes: payload.byteLength,
        },
        payload: new Uint8Array(payload),
      })
    }
    for (const key of change.deletes) {
      const text = keyText(key)
      if (this.#rows.delete(text)) this.#keys.remove(text)
    }
    return { committed: true, revision }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#rows.clear()
  }

  #find(key: Uint8Array): Stored | undefined {
    return this.#rows.get(keyText(key))
  }

  #holds(check: Check): boolean {
    const revision = this.#find(check.key)?.row.revision
    return revision === ('revision' in check ? check.revision : undefined)
  }

  #checkOpen(): void {
    if (this.#closed) throw engineClosed()
  }
}
