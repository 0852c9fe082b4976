import createDebug from 'debug'
import type { BlobId } from '../blobs/blobs.js'
import { Draft } from '../catalog/draft.js'
import {
  afterAllUnder,
  allDeferred,
  completedUploadKey,
  deferredDueOf,
  extentsOf,
  keptBodyKey,
  partNumberOf,
  partsOf,
  type RowKey,
  referenceKey,
  referencesOf,
  requestKey,
} from '../catalog/keys.js'
import {
  type Deferred,
  decodeDeferred,
  decodeOwned,
  type OwnedByBody,
  ownedBy,
  ownedIn,
} from '../catalog/records/deferred-record.js'
import { decodeExtents } from '../catalog/records/extent-row.js'
import { decodePart } from '../catalog/records/part-record.js'
import { rowsUnder } from '../catalog/scan.js'
import { finishRemoval } from '../commit/bucket-removal.js'
import { isEngineError } from '../errors.js'
import { clearKeysOf, clearTemporaryKey } from '../identity/clear-keys.js'
import type { KvStore, Row } from '../kv/kv.js'
import { unlessAborted } from '../streams/abort.js'
import type { Works } from '../works.js'
import { clearBucket } from './clear-bucket.js'
import { forgetRemoved } from './forget-removed.js'

const debug = createDebug('aquifer:reclaim')
/** Rows a pass looks at, or a commit removes, at a time. */
const PAGE = 500
/** Pieces of work that may fail before a pass gives up: then it is the disk that ails, not they. */
const FAILURES_MAX = 100

/**
 * Does what commits have left to be done, in the order it fell due: blobs of bodies that nothing names are
 * unlinked, then the rows that said so go. Every step may be repeated; a crash between two repeats the last.
 */
export class Reclaimer {
  readonly #works: Works
  readonly #background: boolean
  readonly #stopped = new AbortController()
  #running: Promise<void> | undefined
  #again = false
  #timer: NodeJS.Timeout | undefined

  constructor(works: Works, { background }: { background: boolean }) {
    this.#works = works
    this.#background = background
    works.pins.onFree(() => this.wake())
  }

  /** Has a pass made soon, if the engine was opened to work by itself. */
  wake(): void {
    if (!this.#background || this.#stopped.signal.aborted) return
    if (this.#running !== undefined) {
      this.#again = true
      return
    }
    this.#running = this.#passes().finally(() => {
      this.#running = undefined
      if (this.#again) this.wake()
    })
  }

  async #passes(): Promise<void> {
    // Many commits close together are served by one pass.
    await new Promise((resolve) => setImmediate(resolve))
    this.#again = false
    try {
      const { nextDueMs } = await this.#pass(this.#stopped.signal)
      if (nextDueMs !== undefined) this.#wakeAt(nextDueMs)
    } catch (error) {
      if (this.#stopped.signal.aborted || isEngineError(error, 'EngineClosed')) return
      debug('a pass failed and will be made again: %o', error)
      this.#wakeAt(this.#works.clock.now() + 10_000)
    }
  }

  #wakeAt(dueMs: number): void {
    clearTimeout(this.#timer)
    const waitMs = Math.min(Math.max(dueMs - this.#works.clock.now(), 1_000), 3_600_000)
    this.#timer = setTimeout(() => this.wake(), waitMs).unref()
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    clearTimeout(this.#timer)
    await this.#running
  }

  /** Does all that is due, and what doing it leaves to be done. */
  async reclaim(signal: AbortSignal): Promise<void> {
    // One pass at a time: what another is in the middle of, this one would neither see nor wait for.
    while (this.#running !== undefined) await unlessAborted(this.#running, signal)
    const passing = this.#passUntilDone(signal)
    this.#running = passing
      .catch(() => {}) // The caller is told.
      .finally(() => {
        this.#running = undefined
        if (this.#again) this.wake()
      })
    await passing
  }

  async #passUntilDone(signal: AbortSignal): Promise<void> {
    do {
      this.#again = false
      await this.#pass(signal)
    } while (this.#again)
  }

  /**
   * Does all that is due now. Bodies that a reader holds are left for a later pass, and so is what fails: it
   * keeps nothing behind it waiting.
   */
  async #pass(signal: AbortSignal): Promise<{ nextDueMs?: number }> {
    const failures: unknown[] = []
    const nextDueMs = await this.#carryOutAll(signal, (error) => {
      failures.push(error)
      if (failures.length === FAILURES_MAX) throw new AggregateError(failures, 'Too much of the work failed.')
    })
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1) throw new AggregateError(failures, 'Some of the work failed.')
    return nextDueMs === undefined ? {} : { nextDueMs }
  }

  /** Answers when what comes next falls due. */
  async #carryOutAll(signal: AbortSignal, failed: (error: unknown) => void): Promise<number | undefined> {
    const { kv, clock } = this.#works
    for await (const row of rowsUnder(kv, allDeferred())) {
      signal.throwIfAborted()
      const dueMs = deferredDueOf(row.key)
      if (dueMs > clock.now()) return dueMs
      try {
        await this.#carryOut(row)
      } catch (error) {
        if (isEngineError(error, 'EngineClosed')) throw error
        failed(error)
      }
    }
    return undefined
  }

  async #carryOut(row: Row): Promise<void> {
    const work = decodeDeferred(row.value)
    switch (work.kind) {
      case 'body':
        return this.#freeBody(row.key, work.owned)
      case 'shared-body':
        return this.#freeSharedBody(row.key, work.bodyId)
      case 'extent-rows':
        return this.#dropExtentRows(row, work.bodyId)
      case 'parts':
        return this.#dropParts(row.key, work.uploadId, work.used)
      case 'completed-upload':
        return this.#removeRows([completedUploadKey(work.uploadId), row.key])
      case 'request':
        return this.#removeRows([requestKey(work.bucketId, work.requestId), row.key])
      case 'fan-out':
        return this.#endFanOut(row.key, work)
      case 'access-keys':
        await clearKeysOf(this.#works, work.userId)
        return this.#removeRows([row.key])
      case 'temporary-key':
        await clearTemporaryKey(this.#works, work.accessKeyId)
        return this.#removeRows([row.key])
      case 'removed-version':
        return forgetRemoved(this.#works, row.key, work)
      case 'bucket':
        return this.#clearBucket(row.key, work.bucketId)
      case 'bucket-removal':
        this.#again = true // If the bucket goes, its uploads are left to be aborted.
        await finishRemoval(this.#works, work.bucket)
        return this.#removeRows([row.key])
    }
  }

  /** Blobs first, then the rows: the other order would leave files that nothing names. */
  async #freeBody(done: RowKey, owned: OwnedByBody): Promise<void> {
    const { bodyId } = owned
    if (this.#works.pins.isHeld(bodyId)) return
    const extentRows: RowKey[] = []
    let { blobs, owners }: { blobs: readonly BlobId[]; owners: readonly Uint8Array[] } = owned
    if (owned.long) {
      const rows = await collect(this.#works.kv, extentsOf(bodyId))
      extentRows.push(...rows.map(({ key }) => key))
      ;({ blobs, owners } = ownedIn(rows.flatMap(({ value }) => decodeExtents(value))))
    }
    const removable = this.#works.blobIds.removable(blobs)
    if (removable.length > 0) await this.#works.blobs.remove(removable)
    await this.#letGoOfOwners(bodyId, owners)
    await this.#removeRows([...extentRows, keptBodyKey(bodyId), done])
  }

  /** The bodies it borrowed from lose a reference, and may go in their turn. */
  async #letGoOfOwners(bodyId: Uint8Array, owners: readonly Uint8Array[]): Promise<void> {
    for (let at = 0; at < owners.length; at += PAGE) {
      const draft = this.#draft()
      for (const owner of owners.slice(at, at + PAGE)) {
        draft.delete(referenceKey(owner, bodyId))
        // An id of its own: under the owner's, it could take the place of work that frees the owner.
        this.#defer(draft, this.#works.ids.next(), { kind: 'shared-body', bodyId: owner })
      }
      await this.#works.kv.commit(draft.toChange())
    }
  }

  /**
   * A reference is only ever made from a live holder, so a body that has none will have none. One that still
   * has some is left to the one that goes last.
   */
  async #freeSharedBody(done: RowKey, bodyId: Uint8Array): Promise<void> {
    const { kv } = this.#works
    const references = referencesOf(bodyId)
    const { rows } = await kv.scan({ from: references, to: afterAllUnder(references), limit: 1 })
    const kept = rows.length === 0 ? await kv.get(keptBodyKey(bodyId)) : undefined
    if (kept === undefined) return this.#removeRows([done])
    return this.#freeBody(done, decodeOwned(kept.value))
  }

  /** While it runs it holds its own id; when it is over, or its process is gone, its targets alone hold the body. */
  async #endFanOut(
    done: RowKey,
    { bodyId, fanOutId }: Extract<Deferred, { kind: 'fan-out' }>,
  ): Promise<void> {
    if (this.#works.pins.isHeld(fanOutId)) return
    const draft = this.#draft()
    draft.delete(referenceKey(bodyId, fanOutId))
    draft.delete(done)
    this.#defer(draft, this.#works.ids.next(), { kind: 'shared-body', bodyId })
    await this.#works.kv.commit(draft.toChange())
  }

  /** Their blobs belong to the parts; only what they borrowed from others is given back. */
  async #dropExtentRows(guard: Row, bodyId: Uint8Array): Promise<void> {
    // The clock may have jumped, and a completion be about to name these rows. Its commit checks their guard: once
    // that has another revision, it cannot; and if it was faster, the guard is gone.
    const condemned = this.#draft()
    condemned.check(guard.key, guard)
    condemned.put(guard.key, guard.value)
    if (!(await this.#works.kv.commit(condemned.toChange())).committed) return
    const rows = await collect(this.#works.kv, extentsOf(bodyId))
    const { owners } = ownedIn(rows.flatMap(({ value }) => decodeExtents(value)))
    await this.#letGoOfOwners(bodyId, owners)
    await this.#removeRows([...rows.map(({ key }) => key), guard.key])
  }

  /** Of parts the object uses it owns the blobs now; they only give back what they borrowed themselves. */
  async #dropParts(done: RowKey, uploadId: Uint8Array, used: ReadonlySet<number>): Promise<void> {
    const parts = await collect(this.#works.kv, partsOf(uploadId))
    for (let at = 0; at < parts.length; at += PAGE) {
      const draft = this.#draft()
      for (const { key, value } of parts.slice(at, at + PAGE)) {
        draft.delete(key)
        const owned = ownedBy(decodePart(value).body)
        if (owned === undefined) continue
        if (!used.has(partNumberOf(key))) this.#defer(draft, owned.bodyId, { kind: 'body', owned })
        else if (owned.long) this.#defer(draft, owned.bodyId, { kind: 'extent-rows', bodyId: owned.bodyId })
        else if (owned.owners.length > 0)
          this.#defer(draft, owned.bodyId, { kind: 'body', owned: { ...owned, blobs: [] } })
      }
      await this.#works.kv.commit(draft.toChange())
    }
    await this.#removeRows([done])
  }

  /** All that is done here makes room in the end. */
  #draft(): Draft {
    const draft = new Draft(this.#works.kv)
    draft.freesSpace = true
    return draft
  }

  #defer(draft: Draft, id: Uint8Array, work: Deferred): void {
    draft.defer(this.#works.clock.now(), id, work)
    this.#again = true
  }

  /** A stretch at a time: a large bucket is not to keep other work, or the close, waiting. */
  async #clearBucket(done: RowKey, bucketId: Uint8Array): Promise<void> {
    this.#again = true // What is let go of is work in its turn.
    if (await clearBucket(this.#works, bucketId)) await this.#removeRows([done])
  }

  async #removeRows(keys: readonly RowKey[]): Promise<void> {
    for (let at = 0; at < keys.length; at += PAGE) {
      const draft = this.#draft()
      for (const key of keys.slice(at, at + PAGE)) draft.delete(key)
      await this.#works.kv.commit(draft.toChange())
    }
  }
}

/** Used where the number of rows has a bound: a body's extent rows, an upload's parts. */
async function collect(kv: KvStore, prefix: RowKey): Promise<Row[]> {
  const all: Row[] = []
  for await (const row of rowsUnder(kv, prefix)) all.push(row)
  return all
}
