import createDebug from 'debug'
import { type CompactionParts, compactOldest } from './compaction.js'
import { isDiskFull } from './disk-full.js'
import type { RowIndex } from './index/row-index.js'
import type { Reserve } from './reserve.js'

const debug = createDebug('aquifer:journal')

export interface UpkeepParts extends CompactionParts {
  readonly reserve: Reserve
  isCheckpointDue(index: RowIndex): boolean
  readonly stop: AbortController
}

/** After a failure, how many groups go by before the next try. */
const REST_GROUPS = 64

/**
 * What the store does for itself between commits: checkpoints, compaction, the next segment's file, the reserve.
 * It starts nothing by the clock: each group that was written gives it a look around.
 *
 * Space is bounded by twice the live bytes and four segments: compaction begins when two segments more than twice
 * the live bytes are in use; at three, commits wait for it.
 */
export class Upkeep {
  readonly #parts: UpkeepParts
  #cleaning: Promise<void> | undefined
  #preparing: Promise<void> | undefined
  #rest = 0
  #emptyThrough = 0

  constructor(parts: UpkeepParts) {
    this.#parts = parts
  }

  lookAround(): void {
    const { stop, index } = this.#parts
    if (this.#rest > 0) this.#rest--
    else if (index.isServing && !stop.signal.aborted) this.#begin()
    this.#hold()
  }

  #begin(): void {
    if (this.#isCheckpointDue || this.#isCompactionDue)
      this.#cleaning ??= this.#guard(async () => this.#clean()).finally(() => {
        this.#cleaning = undefined
        this.#hold()
      })
    if (this.#wantsSpare || this.#wantsReserve)
      this.#preparing ??= this.#guard(async () => this.#prepare()).finally(() => {
        this.#preparing = undefined
      })
  }

  /**
   * Empties every segment up to this one, whatever that costs: what is damaged in them is met no more. Where that
   * fails, nothing further is begun.
   */
  async emptyThrough(number: number): Promise<void> {
    const { journal, writer } = this.#parts
    this.#emptyThrough = number
    if (journal.chain.at(-1)!.number <= number) await journal.seal()
    const cleaning = writer.writeFrame().then(() => this.#clean()) // The frame says from where on segments live.
    this.#cleaning = cleaning
      .catch(() => {})
      .finally(() => {
        this.#cleaning = undefined
      })
    try {
      await cleaning
    } catch (error) {
      await this.end()
      throw error
    }
  }

  /** Interrupts what takes long and waits for the rest. Commits are not held any more. */
  async end(): Promise<void> {
    const { stop, writer } = this.#parts
    stop.abort()
    writer.holdCommits(false)
    await Promise.all([this.#cleaning, this.#preparing])
  }

  get #isCheckpointDue(): boolean {
    return this.#parts.isCheckpointDue(this.#parts.index.current)
  }

  get #isCompactionDue(): boolean {
    const { chain } = this.#parts.journal
    if (chain.length === 1) return false
    // An old file emptied spares a new one filled with zeros.
    const excess = this.#excessSegments + (this.#wantsSpare ? 1 : 0)
    return excess > 2 || chain[0]!.number <= this.#emptyThrough
  }

  get #wantsSpare(): boolean {
    const { journal } = this.#parts
    return journal.isHalfFull && !journal.files.hasSpare(journal.nextSegmentBytes)
  }

  get #wantsReserve(): boolean {
    // A store that never filled its first segment has little to defend.
    const { journal, reserve } = this.#parts
    return !reserve.isMade && !reserve.isFull && journal.chain.length > 1
  }

  /** How many segments more than twice the live bytes the files take. */
  get #excessSegments(): number {
    const { journal, index } = this.#parts
    return (journal.fileBytes - 2 * index.current.applied.liveBytes) / journal.nextSegmentBytes
  }

  /** Commits wait only while there is somebody at work who makes room. */
  #hold(): void {
    const { stop, index, writer } = this.#parts
    const isCleaning = this.#cleaning !== undefined && !stop.signal.aborted && index.isServing
    writer.holdCommits(isCleaning && this.#isCompactionDue && this.#excessSegments > 3)
  }

  async #clean(): Promise<void> {
    const { index, journal, stop } = this.#parts
    while (!stop.signal.aborted) {
      if (this.#isCheckpointDue) await index.current.makeCheckpoint()
      if (!this.#isCompactionDue) return
      // What replay would read must stay: the oldest segment has to lie behind the checkpoint.
      if (index.current.checkpoint.position.segment <= journal.chain[0]!.number)
        await index.current.makeCheckpoint()
      if (index.current.checkpoint.position.segment <= journal.chain[0]!.number) return
      await compactOldest(this.#parts, this.#excessSegments > 3 ? 'remove' : 'recycle')
      this.#hold()
    }
  }

  async #prepare(): Promise<void> {
    const { journal, reserve } = this.#parts
    if (this.#wantsSpare && !this.#isCompactionDue) await journal.files.prepareSpare(journal.nextSegmentBytes)
    if (this.#wantsReserve) await reserve.make()
  }

  async #guard(duty: () => Promise<void>): Promise<void> {
    try {
      await duty()
    } catch (error) {
      if (this.#parts.stop.signal.aborted) return
      debug('upkeep failed: %O', error)
      this.#rest = REST_GROUPS
      // The disk's being full is met again, and answered, by whoever writes next.
      if (isDiskFull(error)) await this.#parts.reserve.giveUp().catch(() => false)
    }
  }
}
