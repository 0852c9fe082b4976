import { setTimeout as rest } from 'node:timers/promises'
import createDebug from 'debug'
import {
  allDue,
  allIndexings,
  dueBefore,
  dueMsOf,
  dueNameOf,
  justAfter,
  type RowKey,
} from '../../catalog/keys.js'
import { rowsUnder } from '../../catalog/scan.js'
import type { SweepAction } from '../../contract/lifecycle.js'
import { isEngineError } from '../../errors.js'
import type { Row } from '../../kv/kv.js'
import { limits } from '../../limits.js'
import type { Works } from '../../works.js'
import { indexPage } from './index-bucket.js'
import type { SweepTime } from './plan-key.js'
import { type DueKey, previewKeys, sweepKeys } from './sweep-keys.js'
import { type DueUpload, sweepUpload } from './sweep-upload.js'

const debug = createDebug('aquifer:lifecycle')
const PAGE = 500
const FAILED_AGAIN_MS = 10_000
/** What a pass has left although it was due is not taken up again at once. */
const LEFT_AGAIN_MS = 1_000
/** Old objects are looked at for so long before what is due has its turn again. */
const INDEX_MS = 1_000
/** A clock that was set, or a machine that slept, is noticed after so long. */
const TIMER_MAX_MS = 30_000

interface Pass {
  readonly time: SweepTime
  readonly dryRun: boolean
  /** Whether it rests between commits, so that writers have most of the machine. */
  readonly gentle: boolean
  readonly signal: AbortSignal
}

/**
 * Carries out lifecycle rules: wakes when the next row of a look is due, reads those that are due in their order, and
 * never the objects. What it finds is decided by what is true at that moment, in the commit that does it.
 */
export class LifecycleSweeper {
  readonly #works: Works
  readonly #background: boolean
  readonly #stopped = new AbortController()
  #running: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  /** When it will wake by itself. */
  #wakesAtMs = Number.POSITIVE_INFINITY
  #hasFailed = false

  constructor(works: Works, { background }: { background: boolean }) {
    this.#works = works
    this.#background = background
  }

  /** Has it look at what is due then, if the engine was opened to work by itself. */
  wakeAt(dueMs: number): void {
    if (!this.#background || this.#stopped.signal.aborted || dueMs >= this.#wakesAtMs) return
    this.#wakesAtMs = dueMs
    if (this.#running === undefined) this.#setTimer()
  }

  #setTimer(): void {
    clearTimeout(this.#timer)
    if (this.#wakesAtMs === Number.POSITIVE_INFINITY || this.#stopped.signal.aborted) return
    // Due is what has passed.
    const waitMs = Math.min(Math.max(this.#wakesAtMs + 1 - this.#works.clock.now(), 0), TIMER_MAX_MS)
    this.#timer = setTimeout(() => this.#wake(), waitMs).unref()
  }

  #wake(): void {
    if (this.#running !== undefined || this.#stopped.signal.aborted) return
    this.#wakesAtMs = Number.POSITIVE_INFINITY
    this.#running = this.#workGently().finally(() => {
      this.#running = undefined
      this.#setTimer()
    })
  }

  async #workGently(): Promise<void> {
    const { signal } = this.#stopped
    try {
      this.#hasFailed = false
      for (let isIndexed = false; !isIndexed; ) {
        const pass: Pass = { time: this.#time(), dryRun: false, gentle: true, signal }
        for await (const _ of this.#passOver(pass));
        isIndexed = await this.#indexForAWhile(pass)
      }
      const nextMs = await this.#nextDueMs()
      const leastMs = this.#works.clock.now() + (this.#hasFailed ? FAILED_AGAIN_MS : LEFT_AGAIN_MS)
      if (nextMs !== undefined) this.wakeAt(Math.max(nextMs, leastMs))
    } catch (error) {
      if (signal.aborted || isEngineError(error, 'EngineClosed')) return
      debug('a sweep failed and will be made again: %o', error)
      this.wakeAt(this.#works.clock.now() + FAILED_AGAIN_MS)
    }
  }

  /**
   * The wall clock, unless it has run more than a day ahead of the one that cannot be set: then nobody knows what is due,
   * and what is not yet by that one is left.
   */
  #time(): SweepTime {
    const nowMs = this.#works.clock.now()
    const lockMs = this.#works.lockTime.nowMs()
    return { nowMs: nowMs - lockMs > limits.lockClockJumpMaxMs ? lockMs : nowMs, lockMs }
  }

  async #nextDueMs(): Promise<number | undefined> {
    const { rows } = await this.#works.kv.scan({ from: allDue(), to: dueBefore(2 ** 48 - 1), limit: 1 })
    return rows[0] && dueMsOf(rows[0].key)
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    clearTimeout(this.#timer)
    await this.#running
  }

  /**
   * One deliberate sweep, by a time of the caller's: first the look at old objects is finished, where one is under way.
   * The background may sweep at the same time: of two that come upon the same, one finds it done.
   */
  async *sweep(
    nowMs: number,
    { dryRun, signal }: { dryRun: boolean; signal: AbortSignal },
  ): AsyncGenerator<SweepAction, void, undefined> {
    const pass: Pass = { time: { ...this.#time(), nowMs }, dryRun, gentle: false, signal }
    for await (const row of rowsUnder(this.#works.kv, allIndexings())) await this.#index(row.key, pass)
    yield* this.#passOver(pass)
  }

  async *#passOver(pass: Pass): AsyncGenerator<SweepAction, void, undefined> {
    const end = dueBefore(pass.time.nowMs)
    let isAgain = true
    while (isAgain) {
      isAgain = false
      for (let from = allDue(); ; ) {
        const { rows, more } = await this.#works.kv.scan({ from, to: end, limit: PAGE })
        for await (const { actions, again } of this.#take(rows, pass)) {
          yield* actions
          // Only what gets on is looked at again.
          if (again && actions.length > 0 && !pass.dryRun) isAgain = true
        }
        if (!more) break
        from = justAfter(rows.at(-1)!.key)
      }
    }
  }

  async *#take(
    rows: readonly Row[],
    pass: Pass,
  ): AsyncGenerator<{ actions: readonly SweepAction[]; again: boolean }, void, undefined> {
    let keys: DueKey[] = []
    const seen = new Set<string>()
    for (const { key: row } of rows) {
      const { bucket, key, uploadId } = dueNameOf(row)
      if (uploadId !== undefined) {
        const action = await this.#upload({ row, target: { bucket, key }, uploadId }, pass)
        yield { actions: action === undefined ? [] : [action], again: false }
        continue
      }
      // A key may be due by several rows, and is changed once in a commit.
      const name = `${bucket}\0${key}`
      if (keys.length === limits.sweepKeysPerCommit || seen.has(name)) {
        yield* this.#keys(keys, pass)
        keys = []
        seen.clear()
      }
      keys.push({ row, target: { bucket, key } })
      seen.add(name)
    }
    yield* this.#keys(keys, pass)
  }

  /** One that fails keeps none of the others waiting. It is found again by its row. */
  async *#keys(
    keys: readonly DueKey[],
    pass: Pass,
  ): AsyncGenerator<{ actions: readonly SweepAction[]; again: boolean }, void, undefined> {
    for (let at = 0, most = keys.length; at < keys.length; ) {
      const some = keys.slice(at, at + most)
      try {
        const swept = await this.#atPace(pass, some.length, () =>
          pass.dryRun ? previewKeys(this.#works, some, pass.time) : sweepKeys(this.#works, some, pass.time),
        )
        at += swept.keys
        yield swept
      } catch (error) {
        this.#checkGoesOn(error, pass)
        if (some.length === 1) {
          this.#failed(some[0]!.target, error)
          at++
        }
        most = 1
      }
    }
  }

  async #upload(due: DueUpload, pass: Pass): Promise<SweepAction | undefined> {
    try {
      return await this.#atPace(pass, 1, () => sweepUpload(this.#works, due, pass.time, pass))
    } catch (error) {
      this.#checkGoesOn(error, pass)
      this.#failed(due.target, error)
      return undefined
    }
  }

  #failed({ bucket, key }: { bucket: string; key: string }, error: unknown): void {
    this.#hasFailed = true
    debug('%s/%s could not be looked at: %o', bucket, key, error)
  }

  /** Where the store itself ails, or is closed, the rest would fail as well. */
  #checkGoesOn(error: unknown, { signal }: Pass): void {
    if (signal.aborted) throw error
    for (const code of ['EngineClosed', 'StorageUnavailable', 'StorageFull'] as const)
      if (isEngineError(error, code)) throw error
  }

  /** Works, and in the background rests, so that writers have most of the machine. */
  async #atPace<T>({ signal, gentle }: Pass, keys: number, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    const started = this.#works.clock.monotonic()
    const result = await work()
    const workedMs = this.#works.clock.monotonic() - started
    if (gentle) await rest(restMs(workedMs, keys), undefined, { signal })
    return result
  }

  /** Goes on with the look at old objects for a while. Answers whether none is left. */
  async #indexForAWhile(pass: Pass): Promise<boolean> {
    const endMs = this.#works.clock.monotonic() + INDEX_MS
    for await (const row of rowsUnder(this.#works.kv, allIndexings()))
      if (!(await this.#index(row.key, pass, endMs))) return false
    return true
  }

  async #index(key: RowKey, pass: Pass, endMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    for (;;) {
      const row = await this.#works.kv.get(key)
      if (row === undefined) return true
      if (await this.#atPace(pass, limits.indexKeysPerCommit, () => indexPage(this.#works, row))) return true
      if (this.#works.clock.monotonic() > endMs) return false
    }
  }
}

/** What makes it as fast as it is to be; on a machine that is busy with other things it is slower. */
function restMs(workedMs: number, keys: number): number {
  const wanted = (keys / limits.sweepKeysPerSecond) * 1_000 - workedMs
  return Math.min(Math.max(wanted, workedMs * limits.sweepRestLeast), workedMs * limits.sweepRestMost)
}
