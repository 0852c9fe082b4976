import { isEngineError, storageFull, storageUnavailable } from '../../errors.js'
import type { Change, CommitOutcome } from '../kv.js'
import { CommitMember } from './commit/commit-member.js'
import { FrameMember } from './commit/frame-member.js'
import { type GroupDraft, type Member, takeGroup } from './commit/group.js'
import { type Move, MoveMember } from './commit/move-member.js'
import { isDiskFull } from './disk-full.js'
import type { HotRows } from './index/hot-rows.js'
import { IndexDamage } from './index/index-port.js'
import type { LiveIndex } from './index/live-index.js'
import type { NewRecord } from './journal/frame.js'
import type { Appended, Journal } from './journal/journal.js'
import { PendingRows } from './pending-rows.js'
import type { Reserve } from './reserve.js'

/** Fits in the smallest segments, as the largest single commit does. */
const GROUP_BYTES_MAX = 4 * 1024 * 1024

export interface WriterOptions {
  readonly journal: Journal
  readonly index: LiveIndex
  readonly hotRows: HotRows
  readonly reserve: Reserve
  /** Called after each group. */
  afterGroup(): void
}

/**
 * The one that writes: a group in flight, the next gathering meanwhile, no timer. A group is written and synced as
 * one frame, applied to the index as one batch, and then answered. What fails is mended before the next group: the
 * journal by a new segment, the index by being opened again and given what it lacks.
 */
export class Writer {
  readonly #options: WriterOptions
  readonly #groupBytesMax: number
  /** Compaction's and the journal's own; these go even while commits are held. */
  readonly #chores: Member[] = []
  readonly #commits: Member[] = []
  #areCommitsHeld = false
  #running: Promise<void> | undefined

  constructor(options: WriterOptions, segmentBytes: number) {
    this.#options = options
    this.#groupBytesMax = Math.min(GROUP_BYTES_MAX, Math.floor(segmentBytes / 4))
  }

  commit(change: Change): Promise<CommitOutcome> {
    return new Promise((resolve, reject) => {
      this.#commits.push(new CommitMember(change, resolve, reject))
      this.#start()
    })
  }

  move(moves: readonly Move[]): Promise<void> {
    return this.#chore((resolve, reject) => new MoveMember(moves, resolve, reject))
  }

  /** Resolves once a frame was written after this call. */
  writeFrame(): Promise<void> {
    return this.#chore((resolve, reject) => new FrameMember(resolve, reject))
  }

  /** Lets commits wait while compaction makes room. */
  holdCommits(areHeld: boolean): void {
    this.#areCommitsHeld = areHeld
    if (!areHeld && this.#commits.length > 0) this.#start()
  }

  /** Has the index recovered soon, also when nobody commits. */
  mend(): void {
    this.#start()
  }

  /** Resolves when nothing is under way or waiting. */
  async settle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  #chore(make: (resolve: () => void, reject: (error: unknown) => void) => Member): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#chores.push(make(resolve, reject))
      this.#start()
    })
  }

  #start(): void {
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    // Lets every commit of this tick join the first group.
    await undefined
    do {
      const error = await this.#prepare()
      const members = this.#takeGroup()
      if (error === undefined) await this.#write(members)
      else for (const member of members) member.fail(error)
      this.#options.afterGroup()
    } while (this.#chores.length > 0 || (this.#commits.length > 0 && !this.#areCommitsHeld))
    // In the same tick as the look at the queues: who comes now starts the next run.
    this.#running = undefined
  }

  #takeGroup(): Member[] {
    const chores = takeGroup(this.#chores, this.#groupBytesMax)
    if (this.#areCommitsHeld) return chores
    const bytes = chores.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    if (bytes >= this.#groupBytesMax) return chores
    return [...chores, ...takeGroup(this.#commits, this.#groupBytesMax - bytes)]
  }

  /** Mends what an earlier group left broken. Answers why it could not; the members were not written then. */
  async #prepare(): Promise<unknown> {
    const { journal, index, reserve } = this.#options
    for (;;) {
      try {
        await journal.ready()
        if (!index.isServing) await index.recover()
        return undefined
      } catch (error) {
        if (isDiskFull(error) && (await gaveUp(reserve))) continue
        return notWritten(error)
      }
    }
  }

  async #write(members: readonly Member[]): Promise<void> {
    if (members.length === 0) return
    const { journal, hotRows } = this.#options
    let appended: Appended | undefined
    const records: NewRecord[] = []
    try {
      const pending = new PendingRows(hotRows)
      const draft: GroupDraft = { pending, records, revision: journal.revision, needsFrame: false }
      for (const member of members) member.join(draft)
      if (records.length > 0 || draft.needsFrame || draft.revision > journal.revision) {
        appended = await this.#append(draft)
        await this.#apply(draft, appended)
      }
    } catch (error) {
      const failure = appended === undefined ? this.#notAppended(error) : await this.#recoverApplied(error)
      if (failure !== undefined) {
        for (const member of members) member.fail(failure)
        return
      }
    }
    for (const { key } of records) hotRows.forget(key)
    for (const member of members) member.answer()
  }

  async #append({ records, revision }: GroupDraft): Promise<Appended> {
    const { journal, reserve } = this.#options
    for (;;) {
      try {
        return await journal.append(records, revision)
      } catch (error) {
        if (!isDiskFull(error) || !(await gaveUp(reserve))) throw error
        // Whatever was to be thought of the frame: a new segment seals it off, and it may be tried again.
        await journal.ready().catch(() => {
          throw error
        })
      }
    }
  }

  async #apply({ records, pending }: GroupDraft, appended: Appended): Promise<void> {
    const index = this.#options.index.current
    const batch = index.batch()
    records.forEach((record, i) => void batch.add(record, appended.segment, appended.places[i]!))
    batch.journalBytes = appended.sizeBytes
    await batch.write(index, {
      sequence: appended.sequence,
      liveBytes: index.applied.liveBytes + pending.grownBytes,
      end: appended.end,
    })
  }

  #notAppended(error: unknown): unknown {
    if (error instanceof IndexDamage) this.#options.index.fail({ isDamaged: true })
    return notWritten(error)
  }

  /** The group is in the journal: an index that is opened again gets it from there, and then all is as it should be. */
  async #recoverApplied(error: unknown): Promise<unknown> {
    const { index, reserve } = this.#options
    index.fail({ isDamaged: error instanceof IndexDamage })
    if (isDiskFull(error)) await gaveUp(reserve)
    try {
      await index.recover()
      return undefined
    } catch (cause) {
      return storageUnavailable(
        'unknown',
        'The commit is in the journal, and the index cannot be recovered.',
        cause,
      )
    }
  }
}

async function gaveUp(reserve: Reserve): Promise<boolean> {
  return reserve.giveUp().catch(() => false) // A ballast that cannot be removed frees nothing.
}

function notWritten(error: unknown): unknown {
  if (isEngineError(error, 'StorageUnavailable') && error.details.outcome === 'unknown') return error
  if (isDiskFull(error)) return storageFull(error)
  if (isEngineError(error)) return error
  return storageUnavailable('absent', 'The commit could not be written.', error)
}
