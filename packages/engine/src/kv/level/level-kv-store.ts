import { type Clock, systemClock } from '../../clock.js'
import { type Disk, makeDirectoryDurably, nodeDisk } from '../../disk.js'
import { engineClosed, storageFull, storageUnavailable } from '../../errors.js'
import { type Ids, randomIds } from '../../ids.js'
import { checkChange } from '../check-change.js'
import type {
  Awaitable,
  Change,
  CommitOutcome,
  KvDamage,
  KvHealth,
  KvLimits,
  KvStat,
  KvStore,
  KvVerifyOptions,
  Revision,
  Row,
  ScanOptions,
  ScanPage,
} from '../kv.js'
import { IndexDamage } from './index/index-port.js'
import type { IndexRow } from './index/index-row.js'
import { levelIndexLocation } from './index/level-index.js'
import { limitsFor, SEGMENT_BYTES_MIN } from './limits-for.js'
import { openParts, refuseDamage, type StoreOptions, type StoreParts } from './open-parts.js'
import { OwnerLock, refuseMissing } from './owner-lock.js'
import { PayloadReader } from './payload-reader.js'
import { scanRows } from './scan-rows.js'
import { verifyJournal } from './verify-journal.js'

export interface LevelKvStoreOptions {
  /** Made where it is missing. One process at a time owns it. */
  directory: string
  /**
   * Size of the journal's files, once the store has outgrown its first ones of at most 8 MiB. Larger ones are
   * begun less often; up to four of them are in use beyond twice the live bytes. Below 32 MiB they narrow
   * {@link KvLimits}. At least 64 KiB.
   * @defaultValue 64 MiB
   */
  segmentBytes?: number
  /** When false, a directory that holds no store is refused with `NoSuchStore`. @defaultValue true */
  createIfMissing?: boolean
  /**
   * Is told of each loss, and the store opens and goes on without what is lost: what is left of the damaged segments
   * is written anew before the open resolves, so that the next one needs no acceptance. Left out, a store that has
   * lost acknowledged writes is refused with `StoreDamaged`. See also `rebuildIndex`.
   */
  acceptLoss?: (finding: string) => void
  disk?: Disk
  clock?: Clock
  ids?: Ids
}

export interface LevelKvStat extends KvStat {
  /** What the live rows and payloads take in the journal. */
  readonly liveBytes: number
  readonly segments: number
}

const SEGMENT_BYTES_DEFAULT = 64 * 1024 * 1024
// What lies behind the last one is what an opening after a kill replays: half a second of work, at most.
const CHECKPOINT_ROWS = 50_000
const REPLAY_BATCH_ROWS = 2_000
const CHECKPOINT_BYTES = 64 * 1024 * 1024

/**
 * A durable ordered store: a journal in which all that was acknowledged stands, and a LevelDB that finds it. The
 * LevelDB may be thrown away at any time; it is made anew from the journal. See docs/format.md.
 */
export class LevelKvStore implements KvStore {
  readonly limits: KvLimits
  readonly isExclusive = true
  readonly #parts: StoreParts
  readonly #payloads: PayloadReader
  readonly #release: () => Promise<void>
  #closing: Promise<void> | undefined

  private constructor(parts: StoreParts, options: StoreOptions, release: () => Promise<void>) {
    this.limits = limitsFor(options.segmentBytes)
    this.#parts = parts
    this.#release = release
    const find = (key: Uint8Array) => this.#find(key)
    this.#payloads = new PayloadReader({ journal: parts.journal, clock: options.clock, find })
  }

  /**
   * @throws EngineError `EngineLocked` where another owner lives; `StoreDamaged` where acknowledged writes are
   * missing; `FormatTooNew`; `NoSuchStore`.
   * @throws RangeError if `segmentBytes` is below 64 KiB.
   */
  static async open(options: LevelKvStoreOptions): Promise<LevelKvStore> {
    const { directory, disk = nodeDisk, createIfMissing = true } = options
    const parts = storeOptions(options)
    if (createIfMissing) await makeDirectoryDurably(disk, directory)
    else await refuseMissing(disk, directory)
    const lock = await OwnerLock.acquire(disk, directory)
    try {
      return await LevelKvStore.openOver(parts, () => lock.release())
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  /** Opens a store over another disk or index. Who calls it sees to there being one owner. */
  static async openOver(options: StoreOptions, release = async () => {}): Promise<LevelKvStore> {
    return new LevelKvStore(await openParts(options), options, release)
  }

  get(key: Uint8Array): Row | undefined {
    const row = this.#find(key)
    return row && shown(new Uint8Array(key), row)
  }

  getMany(keys: readonly Uint8Array[]): (Row | undefined)[] {
    this.#checkOpen()
    return keys.map((key) => this.get(key))
  }

  readPayload(key: Uint8Array, revision: Revision): Awaitable<Uint8Array | 'changed'> {
    return this.#payloads.read(key, revision)
  }

  async scan(options: ScanOptions): Promise<ScanPage> {
    this.#checkOpen()
    try {
      return await scanRows(this.#parts.index.current, options)
    } catch (error) {
      throw this.#mended(error)
    }
  }

  async commit(change: Change): Promise<CommitOutcome> {
    this.#checkOpen()
    checkChange(change, this.limits)
    const { reserve, writer } = this.#parts
    if (reserve.isFull && change.puts.length > 0 && !change.freesSpace) {
      await reserve.lookAgain()
      this.#checkOpen()
      if (reserve.isFull) throw storageFull()
    }
    return writer.commit(change)
  }

  async stat(): Promise<LevelKvStat> {
    this.#checkOpen()
    const { journal, index } = this.#parts
    return {
      liveBytes: index.current.applied.liveBytes,
      journalBytes: journal.fileBytes,
      garbageBytes: Math.max(0, journal.frameBytes - index.current.applied.liveBytes),
      segments: journal.chain.length,
      indexBytes: await index.current.sizeBytes(),
    }
  }

  health(): KvHealth {
    this.#checkOpen()
    const { journal, index, reserve, writer } = this.#parts
    // Who asks may be the only one left who does: without a reader or a writer nobody else would have it mended.
    if (!index.isServing) writer.mend()
    return {
      isServing: index.isServing,
      writes: journal.isStuck ? 'none' : reserve.isFull ? 'freeing' : 'all',
      isVerified: index.isVerified,
      quarantinedFiles: journal.files.quarantinedCount,
    }
  }

  hasLost(): boolean {
    this.#checkOpen()
    return this.#parts.loss.isThere
  }

  settleLoss(): Promise<void> {
    this.#checkOpen()
    return this.#parts.loss.remove()
  }

  async *verify({
    signal = new AbortController().signal,
    onProgress,
  }: KvVerifyOptions = {}): AsyncGenerator<KvDamage> {
    this.#checkOpen()
    const { journal, index } = this.#parts
    try {
      yield* verifyJournal({ journal, index, signal, ...(onProgress && { onProgress }) })
    } catch (error) {
      throw this.#mended(error)
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut()
    return this.#closing
  }

  async #shut(): Promise<void> {
    const { upkeep, writer, index, journal } = this.#parts
    await upkeep.end()
    await writer.settle()
    // It tells the next open that the last frame was synced. Failing that, the next open finds out for itself.
    await writer.writeFrame().catch(() => undefined)
    try {
      await index.shut()
    } finally {
      await journal.close()
      await this.#release()
    }
  }

  #find(key: Uint8Array): IndexRow | undefined {
    this.#checkOpen()
    try {
      return this.#parts.hotRows.find(key)
    } catch (error) {
      throw this.#mended(error)
    }
  }

  /** An index that gave a wrong answer gives none any more, and is made anew. */
  #mended(error: unknown): unknown {
    const { index, writer } = this.#parts
    if (error instanceof IndexDamage) index.fail({ isDamaged: true })
    if (!index.isServing && this.#closing === undefined) writer.mend()
    return error instanceof IndexDamage
      ? storageUnavailable('absent', 'The index is damaged; it is being made anew from the journal.', error)
      : error
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw engineClosed()
  }
}

/** A real store's options, its index a LevelDB. */
export function storeOptions({
  directory,
  acceptLoss,
  disk = nodeDisk,
  clock = systemClock,
  ids = randomIds(clock),
  segmentBytes = SEGMENT_BYTES_DEFAULT,
}: LevelKvStoreOptions) {
  if (segmentBytes < SEGMENT_BYTES_MIN)
    throw new RangeError(`A segment has at least ${SEGMENT_BYTES_MIN} bytes.`)
  return {
    directory,
    disk,
    clock,
    ids,
    index: levelIndexLocation(disk, directory),
    onDamage: acceptLoss ?? refuseDamage(directory),
    acceptsLoss: acceptLoss !== undefined,
    segmentBytes,
    checkpointRows: CHECKPOINT_ROWS,
    replayBatchRows: REPLAY_BATCH_ROWS,
    checkpointBytes: CHECKPOINT_BYTES,
  } satisfies StoreOptions
}

function shown(key: Uint8Array, { value, revision, payloadBytes }: IndexRow): Row {
  return { key, value, revision, payloadBytes }
}
