import { keyText } from '../kv/key-text.js'
import type { Awaitable, Change, Check, KvLimits, KvStore, Revision, Row, RowPut } from '../kv/kv.js'
import { deferredKey } from './keys.js'
import { type Deferred, encodeDeferred } from './records/deferred-record.js'

const NOTHING = new Uint8Array(0)

/** A row of a target's backlog, which gets its place among the others when the change is carried out. */
export interface DraftedEvent {
  readonly family: 'waiting' | 'gap'
  readonly target: string
  readonly value: Uint8Array
}

/** What an event's row key holds beside the target's name. */
const EVENT_KEY_BYTES = 9

/**
 * A change in the making. What is found through it is checked by the commit: a decision can only rest on rows
 * that are still as they were when it is carried out.
 */
export class Draft {
  readonly #kv: KvStore
  readonly #checks: Check[] = []
  readonly #puts: RowPut[] = []
  readonly #deletes: Uint8Array[] = []
  #putOnce: Set<string> | undefined
  #deletedOnce: Set<string> | undefined
  #events: DraftedEvent[] | undefined
  /** Whether the change leaves work for the reclaimer. */
  defersWork = false
  /** The first moment at which lifecycle rules have to look at something because of it. */
  nextLookMs: number | undefined
  /** Whether what a bucket holds has to be put in line for a target because of it. */
  beginsResync = false
  /** Whether it is carried out even when the store is full: it leads to more room than it takes. */
  freesSpace = false

  constructor(kv: KvStore) {
    this.#kv = kv
  }

  get(key: Uint8Array): Awaitable<Row | undefined> {
    const found = this.#kv.get(key)
    return found instanceof Promise ? found.then((row) => this.#checked(key, row)) : this.#checked(key, found)
  }

  #checked(key: Uint8Array, row: Row | undefined): Row | undefined {
    this.check(key, row)
    return row
  }

  /** Lets the decision rest on a row that was found otherwise. */
  check(key: Uint8Array, row: { readonly revision: Revision } | undefined): void {
    this.#checks.push(row === undefined ? { key, absent: true } : { key, revision: row.revision })
  }

  put(key: Uint8Array, value: Uint8Array, payload?: Uint8Array): void {
    this.#puts.push(payload === undefined ? { key, value } : { key, value, payload })
  }

  /** As `put`, for a row that is the same whoever puts it: one change may come upon it twice. */
  putOnce(key: Uint8Array, value: Uint8Array): void {
    const name = keyText(key)
    this.#putOnce ??= new Set()
    if (this.#putOnce.has(name)) return
    this.#putOnce.add(name)
    this.put(key, value)
  }

  delete(key: Uint8Array): void {
    this.#deletes.push(key)
  }

  /** Writes down work to be done from `dueMs` on. `id` tells apart what falls due in the same millisecond. */
  defer(dueMs: number, id: Uint8Array, work: Deferred): void {
    this.put(deferredKey(dueMs, id), encodeDeferred(work))
    this.defersWork = true
  }

  /** Writes down that lifecycle rules have to look at something from `dueMs` on. */
  look(dueMs: number, row: Uint8Array): void {
    this.putOnce(row, NOTHING)
    this.nextLookMs = Math.min(dueMs, this.nextLookMs ?? dueMs)
  }

  /** As `delete`, for a row that `putOnce` may have put in this very change: then it stays. */
  deleteUnlessPut(key: Uint8Array): void {
    const name = keyText(key)
    if (this.#putOnce?.has(name) === true || this.#deletedOnce?.has(name) === true) return
    this.#deletedOnce ??= new Set()
    this.#deletedOnce.add(name)
    this.delete(key)
  }

  addEvent(event: DraftedEvent): void {
    this.#events ??= []
    this.#events.push(event)
  }

  /** The events added so far, which are the caller's to put. */
  takeEvents(): readonly DraftedEvent[] | undefined {
    const events = this.#events
    this.#events = undefined
    return events
  }

  get isEmpty(): boolean {
    return this.rowCount === 0
  }

  get rowCount(): number {
    return this.#puts.length + this.#deletes.length + (this.#events?.length ?? 0)
  }

  get checkCount(): number {
    return this.#checks.length
  }

  /** Whether it is more than one commit holds. */
  exceeds({ commitRows, commitBytes }: KvLimits): boolean {
    const values = this.#puts.reduce((sum, { key, value }) => sum + key.byteLength + value.byteLength, 0)
    const events = (this.#events ?? []).reduce(
      (sum, { target, value }) => sum + EVENT_KEY_BYTES + Buffer.byteLength(target) + value.byteLength,
      values,
    )
    const bytes = this.#deletes.reduce((sum, key) => sum + key.byteLength, events)
    return this.rowCount > commitRows || this.#checks.length > commitRows || bytes > commitBytes
  }

  toChange(): Change {
    const rows = { checks: this.#checks, puts: this.#puts, deletes: this.#deletes }
    return this.freesSpace ? { ...rows, freesSpace: true } : rows
  }
}
