import { Draft } from '../catalog/draft.js'
import { lockTimeKey } from '../catalog/keys.js'
import { decodeLockTime, encodeLockTime } from '../catalog/records/lock-time-record.js'
import type { Clock } from '../clock.js'
import type { KvStore } from '../kv/kv.js'
import { limits } from '../limits.js'

/**
 * The time by which retentions end. It never runs ahead of a clock that cannot be set, so that nobody frees what is
 * locked by setting the machine's clock forward: while the engine runs it is the wall clock, but at most the time of
 * its start and what the monotonic clock has counted since. Over a restart it rests on the last time seen, which is
 * written down: a wall clock too far ahead of that is not believed until someone confirms it. It does not bind who can
 * change the files.
 */
export class LockTime {
  readonly #kv: KvStore
  readonly #clock: Clock
  #startMs: number
  #startMonotonic: number
  /** Whether there is anything to keep time for: object lock was enabled for some bucket. */
  #isKept: boolean
  /** What is certainly written down. */
  #notedMs: number | undefined
  #isHeldBack: boolean

  private constructor(kv: KvStore, clock: Clock, lastSeenMs: number | undefined) {
    this.#kv = kv
    this.#clock = clock
    const wallMs = clock.now()
    this.#isKept = lastSeenMs !== undefined
    this.#notedMs = lastSeenMs
    this.#isHeldBack = lastSeenMs !== undefined && wallMs > lastSeenMs + limits.lockClockJumpMaxMs
    this.#startMs = this.#isHeldBack ? lastSeenMs! : wallMs
    this.#startMonotonic = clock.monotonic()
  }

  static async open(kv: KvStore, clock: Clock): Promise<LockTime> {
    const row = await kv.get(lockTimeKey())
    return new LockTime(kv, clock, row && decodeLockTime(row.value))
  }

  nowMs(): number {
    const elapsedMs = Math.floor(this.#clock.monotonic() - this.#startMonotonic)
    return Math.min(this.#clock.now(), this.#startMs + elapsedMs)
  }

  /** Whether the wall clock had run too far ahead when the engine was opened, and nobody has confirmed it since. */
  get isHeldBack(): boolean {
    return this.#isHeldBack
  }

  /** Added to the commit that enables object lock for a bucket: from then on the last time seen is written down. */
  begin(draft: Draft): void {
    this.#isKept = true
    if (this.#notedMs === undefined) draft.put(lockTimeKey(), encodeLockTime(this.nowMs()))
  }

  /** Writes down the time seen now, where anything rests on it. */
  async note(): Promise<void> {
    if (!this.#isKept) return
    const draft = new Draft(this.#kv)
    // Another engine over the same store, or a commit before this one, may have seen more.
    const row = await draft.get(lockTimeKey())
    const nowMs = this.nowMs()
    if (row !== undefined && decodeLockTime(row.value) >= nowMs) return
    draft.put(lockTimeKey(), encodeLockTime(nowMs))
    if ((await this.#kv.commit(draft.toChange())).committed) this.#notedMs = nowMs
  }

  /** Someone vouches for this time: it runs on from here. */
  async confirm(nowMs: number): Promise<void> {
    const draft = new Draft(this.#kv)
    draft.put(lockTimeKey(), encodeLockTime(nowMs))
    await this.#kv.commit(draft.toChange())
    this.#notedMs = nowMs
    this.#startMs = nowMs
    this.#startMonotonic = this.#clock.monotonic()
    this.#isHeldBack = false
    this.#isKept = true
  }
}
