import createDebug from 'debug'
import { Draft } from '../../catalog/draft.js'
import { allResyncs, eventNumberOf, resyncOf } from '../../catalog/keys.js'
import { decodeResync, encodeResync, type ResyncRecord } from '../../catalog/records/resync-record.js'
import { rowsUnder } from '../../catalog/scan.js'
import { commit } from '../../commit/commit.js'
import type { EngineEvent } from '../../contract/events.js'
import { isEngineError } from '../../errors.js'
import type { Row } from '../../kv/kv.js'
import { limits } from '../../limits.js'
import { replicationQueues } from '../../outbox/replication-queue.js'
import { nameOfTargetId } from '../../replication/targets.js'
import type { Works } from '../../works.js'
import { ResyncCounts, withCounted } from './resync-counts.js'
import { type Resynced, resyncPage } from './resync-page.js'

const debug = createDebug('aquifer:replication')
/** How often it is looked whether what was put in line has gone, or has become few enough for more. */
const LOOK_MS = 250
const FAILED_AGAIN_MS = 10_000

/**
 * Puts what buckets hold in line for targets: all of it anew, or what was there before the rules. Page by page, each in a commit
 * that says how far it has come; while many wait, no more are added.
 */
export class Resyncer {
  readonly #works: Works
  readonly counts = new ResyncCounts()
  /** Of each that stands wholly in line: no row of it has a greater number. */
  readonly #lastNumbers = new Map<string, number>()
  readonly #stopped = new AbortController()
  #pageVersions: number = limits.resyncVersionsPerCommit
  #running: Promise<void> | undefined
  #isStarted = false
  #again = false

  constructor(works: Works) {
    this.#works = works
  }

  start(): void {
    this.#isStarted = true
    this.wake()
  }

  wake(): void {
    if (!this.#isStarted || this.#stopped.signal.aborted) return
    this.#again = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped.signal.aborted) {
      this.#again = false
      try {
        for (let isOver = false; !isOver && !this.#stopped.signal.aborted; ) isOver = await this.#stepEach()
      } catch (error) {
        if (isEngineError(error, 'EngineClosed')) return
        debug('what is to be put in line could not be, and will be tried again: %o', error)
        this.#again = true
        await this.#rest(FAILED_AGAIN_MS)
      }
    }
  }

  /** Whether nothing is left to do. Rests where there is, and not yet. */
  async #stepEach(): Promise<boolean> {
    let isOver = true
    let hasGoneOn = false
    for await (const row of rowsUnder(this.#works.kv, allResyncs())) {
      if (this.#stopped.signal.aborted) return true
      const record = decodeResync(row.value)
      if (record.status !== 'ongoing') continue
      isOver = false
      if (await this.#step({ key: row.key, ...resyncOf(row.key) }, record)) hasGoneOn = true
    }
    if (!isOver && !hasGoneOn) await this.#rest(LOOK_MS)
    return isOver
  }

  /** Whether it has come further. */
  async #step(resynced: Resynced, record: ResyncRecord): Promise<boolean> {
    const name = nameOfTargetId(resynced.targetId)
    const { outbox } = this.#works
    if (record.family === 'line') return this.#endIfGone(resynced, record, name)
    const waiting = replicationQueues(resynced.targetId).reduce(
      (sum, queue) => sum + outbox.backlog(queue).waiting,
      0,
    )
    if (waiting >= limits.resyncWaitingMax) return false
    const outcome = await this.#page(resynced)
    this.#lastNumbers.set(name, outbox.lastNumber)
    if (outcome === 'over') await this.#endPages(resynced, record)
    return true
  }

  /** Many versions that are changed at the same time are put in line fewer at a time. */
  async #page(resynced: Resynced): Promise<'more' | 'over'> {
    try {
      const outcome = await resyncPage(this.#works, resynced, this.#pageVersions)
      this.#pageVersions = Math.min(this.#pageVersions * 2, limits.resyncVersionsPerCommit)
      return outcome
    } catch (error) {
      if (!isEngineError(error, 'OperationAborted') || this.#pageVersions === 1) throw error
      this.#pageVersions = Math.ceil(this.#pageVersions / 2)
      return 'more'
    }
  }

  /** A look at what was there before is over then; so is a resync of what is there no more, or that no rule asks for. */
  async #endPages(resynced: Resynced, { resyncId }: ResyncRecord): Promise<void> {
    const row = await this.#works.kv.get(resynced.key)
    const record = row && decodeResync(row.value)
    if (row === undefined || record?.status !== 'ongoing' || record.resyncId !== resyncId) return
    if (resynced.isExisting) await this.#change(row, () => undefined)
    else if (record.family !== 'line') await this.#end(row, 'canceled')
  }

  async #endIfGone(resynced: Resynced, { resyncId }: ResyncRecord, name: string): Promise<boolean> {
    const row = await this.#works.kv.get(resynced.key)
    const record = row && decodeResync(row.value)
    if (row === undefined || record?.status !== 'ongoing' || record.resyncId !== resyncId) return true
    // Of what an earlier process has put in line: all that waited at the open.
    const last = this.#lastNumbers.get(name) ?? this.#works.outbox.lastNumber
    this.#lastNumbers.set(name, last)
    for (const queue of replicationQueues(resynced.targetId)) {
      const oldest = await this.#works.outbox.findOldest(queue)
      if (oldest === undefined || eventNumberOf(oldest.key) > last) continue
      if (this.counts.has(resyncId)) await this.#change(row, (record) => record)
      return false
    }
    await this.#end(row, 'completed')
    return true
  }

  #end(row: Row, status: 'completed' | 'canceled'): Promise<void> {
    const endedMs = this.#works.clock.now()
    return this.#change(row, (record) => ({ ...record, status, endedMs }))
  }

  /** Writes it down with what has been counted since. Undefined: it is forgotten. Another that took its place stays. */
  async #change(row: Row, to: (record: ResyncRecord) => ResyncRecord | undefined): Promise<void> {
    const { resyncId } = decodeResync(row.value)
    const since = this.counts.take(resyncId)
    try {
      await commit(this.#works, {
        turns: [],
        read: (draft) => draft.get(row.key),
        decide: (found, draft) => {
          const record = found && decodeResync(found.value)
          if (found === undefined || record?.resyncId !== resyncId || record.status !== 'ongoing') return
          const next = to(withCounted(record, since))
          draft.freesSpace = true
          if (next === undefined) draft.delete(row.key)
          else draft.put(row.key, encodeResync(next))
        },
      })
    } catch (error) {
      this.counts.giveBack(resyncId, since)
      throw error
    }
  }

  /** One of the rows that a resync has put in line has been carried over, or has not. */
  watch(event: EngineEvent, outcome: 'completed' | 'failed', bytes: number): void {
    const resyncId = event.metadata?.resync
    if (resyncId !== undefined) this.counts.add(resyncId, outcome, bytes)
  }

  async #rest(ms: number): Promise<void> {
    const { signal } = this.#stopped
    if (signal.aborted) return
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, ms).unref()
      signal.addEventListener('abort', end)
    })
  }

  /** What was counted and not written down is, if it can be. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#running
    const draft = new Draft(this.#works.kv)
    draft.freesSpace = true
    try {
      for await (const row of rowsUnder(this.#works.kv, allResyncs())) {
        const record = decodeResync(row.value)
        if (!this.counts.has(record.resyncId)) continue
        draft.check(row.key, row)
        draft.put(row.key, encodeResync(this.counts.addedTo(record)))
      }
      if (!draft.isEmpty) await this.#works.kv.commit(draft.toChange())
    } catch (error) {
      debug('what was counted of a resync could not be written down: %o', error)
    }
  }
}
