import { type DiskFile, writeDurably } from '../../../disk.js'
import { storageUnavailable } from '../../../errors.js'
import type { Ids } from '../../../ids.js'
import { encodeFrame, measureFrame, type NewRecord, type RecordPlace } from './frame.js'
import { OpenFiles } from './open-files.js'
import { type Position, type Segment, segmentOf } from './segment.js'
import type { SegmentFiles } from './segment-files.js'
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES } from './segment-header.js'

/** A young store's segments are small, so that a store that stays small takes little. */
const YOUNG_SEGMENTS = 4
const YOUNG_SEGMENT_BYTES = 8 * 1024 * 1024

const PAGE_BYTES = 4096

export interface JournalState {
  readonly storeId: Uint8Array
  /** The live segments, oldest first. Empty for a store that is just being made. */
  readonly chain: Segment[]
  /** End of the last good frame. */
  offset: number
  sequence: number
  revision: number
  lowestLive: number
  /** Above every number in use, also by files that are no part of the chain. */
  nextNumber: number
}

export interface Appended {
  readonly segment: number
  readonly sequence: number
  readonly sizeBytes: number
  readonly places: readonly RecordPlace[]
  /** Where the next frame goes. */
  readonly end: Position
}

export interface JournalOptions {
  readonly files: SegmentFiles
  readonly ids: Ids
  readonly segmentBytes: number
}

/**
 * Writes frames, one at a time, each synced before it is reported. After any error in writing or syncing the
 * file is never written again: it is sealed at the end of the last frame that a successful sync covered, and the
 * header of the segment begun next makes that seal durable.
 */
export class Journal {
  readonly files: SegmentFiles
  readonly readers: OpenFiles
  readonly #ids: Ids
  readonly #segmentBytes: number
  readonly #state: JournalState
  /** The newest segment. Undefined once it is sealed: then another must be begun before anything is written. */
  #writing: DiskFile | undefined
  #isStuck = false
  readonly #segments: Map<number, Segment>
  #frame = Buffer.alloc(0)

  constructor({ files, ids, segmentBytes }: JournalOptions, state: JournalState, writing?: DiskFile) {
    this.files = files
    this.readers = new OpenFiles(files)
    this.#ids = ids
    this.#segmentBytes = segmentBytes
    this.#state = state
    this.#writing = writing
    this.#segments = new Map(state.chain.map((segment) => [segment.number, segment]))
  }

  get storeId(): Uint8Array {
    return this.#state.storeId
  }
  get chain(): readonly Segment[] {
    return this.#state.chain
  }
  get sequence(): number {
    return this.#state.sequence
  }
  get revision(): number {
    return this.#state.revision
  }
  get lowestLive(): number {
    return this.#state.lowestLive
  }
  get end(): Position {
    return { segment: this.#state.chain.at(-1)!.number, offset: this.#state.offset }
  }
  /** Bytes of all files, the spare among them. */
  get fileBytes(): number {
    return this.chain.reduce((sum, { sizeBytes }) => sum + sizeBytes, this.files.spareBytes)
  }
  /** Bytes of all frames. */
  get frameBytes(): number {
    const ends = this.chain.reduce((sum, { sealedBytes }) => sum + (sealedBytes ?? this.#state.offset), 0)
    return ends - this.chain.length * SEGMENT_HEADER_BYTES
  }
  get nextSegmentBytes(): number {
    return segmentSize(this.#state.nextNumber, this.#segmentBytes)
  }
  /** The newest segment cannot be written, and no next one could be begun. Each append tries again. */
  get isStuck(): boolean {
    return this.#isStuck
  }
  get isHalfFull(): boolean {
    return this.#state.offset > this.chain.at(-1)!.sizeBytes / 2
  }

  segment(number: number): Segment | undefined {
    return this.#segments.get(number)
  }

  /** @throws EngineError `StorageUnavailable` (`'absent'`) while no segment can be begun. */
  async ready(frameBytes = 0): Promise<void> {
    if (this.#writing !== undefined) return
    try {
      await this.#begin(frameBytes)
    } catch (cause) {
      this.#isStuck = true
      throw storageUnavailable('absent', 'The journal cannot begin a new segment.', cause)
    }
  }

  /**
   * Writes and syncs one frame. `lastRevision` counts as given out, whatever comes of it.
   *
   * @throws EngineError `StorageUnavailable`: `'absent'` where the frame certainly will never be found, `'unknown'`
   * where only the next segment or the next open decides.
   */
  async append(records: readonly NewRecord[], lastRevision: number): Promise<Appended> {
    const state = this.#state
    state.revision = lastRevision
    const sizes = measureFrame(records)
    await this.#makeRoom(sizes.sizeBytes)
    const { number, seed } = state.chain.at(-1)!
    const sequence = state.sequence + 1
    const { offset } = state
    const frame = this.#frameBuffer(sizes.sizeBytes)
    const header = { sequence, lastRevision, lowestLive: state.lowestLive }
    const places = encodeFrame(frame, records, sizes, header, { seed, offset })
    try {
      await writeDurably(this.#writing!, frame, offset)
    } catch (cause) {
      throw await this.#fence(cause)
    }
    state.sequence = sequence
    state.offset += sizes.sizeBytes
    return { segment: number, sequence, sizeBytes: sizes.sizeBytes, places, end: this.end }
  }

  /** From the next frame on the chain begins here; what lies before is dead once that frame is synced. */
  raiseLowestLive(number: number): void {
    this.#state.lowestLive = number
  }

  /** Takes a dead segment out of the chain, waits for its readers, and does this with its file. */
  async drop(number: number, how: 'recycle' | 'remove' | 'quarantine'): Promise<void> {
    const at = this.#state.chain.findIndex((segment) => segment.number === number)
    const [segment] = this.#state.chain.splice(at, 1)
    this.#segments.delete(number)
    await this.readers.retire(number)
    if (how === 'quarantine') await this.files.quarantine(number)
    else if (how === 'recycle' && segment!.sizeBytes === this.nextSegmentBytes)
      await this.files.recycle(number, segment!.sizeBytes)
    else await this.files.remove(number)
  }

  /** Nothing is written to the newest segment again; everything it holds up to the seal is synced. */
  async seal(): Promise<void> {
    this.chain.at(-1)!.sealedBytes = this.#state.offset
    const file = this.#writing
    this.#writing = undefined
    // What close may still report of the file was told by the sync, or lies behind the seal.
    await file?.close().catch(() => undefined)
  }

  async close(): Promise<void> {
    const file = this.#writing
    this.#writing = undefined
    // Every frame that was reported is synced; closing has nothing to add to that, nor to take away.
    await file?.close().catch(() => undefined)
    await this.readers.close()
  }

  async #makeRoom(sizeBytes: number): Promise<void> {
    if (this.#writing !== undefined) {
      if (this.#state.offset + sizeBytes <= this.chain.at(-1)!.sizeBytes) return
      await this.seal()
    }
    await this.ready(sizeBytes)
  }

  async #fence(cause: unknown): Promise<Error> {
    await this.seal()
    const message = 'The journal could not be written.'
    try {
      await this.#begin(0)
      return storageUnavailable('absent', message, cause)
    } catch (second) {
      this.#isStuck = true
      return storageUnavailable('unknown', message, new AggregateError([cause, second]))
    }
  }

  /** Each attempt takes a new number: a name that failed to become durable may still turn up after a crash. */
  async #begin(frameBytes: number): Promise<void> {
    const state = this.#state
    // A row from times of larger segments may need a larger one again, to be moved to.
    const needed = Math.ceil((SEGMENT_HEADER_BYTES + frameBytes) / PAGE_BYTES) * PAGE_BYTES
    const sizeBytes = Math.max(this.nextSegmentBytes, needed)
    const spare = await this.files.takeSpare(sizeBytes)
    const previous = state.chain.at(-1)
    const number = state.nextNumber++
    const header = {
      storeId: state.storeId,
      number,
      sizeBytes,
      previousNumber: previous?.number ?? 0,
      previousSealedBytes: previous?.sealedBytes ?? 0,
      lastSequence: state.sequence,
      lastRevision: state.revision,
      lowestLive: state.lowestLive,
      seed: Buffer.from(this.#ids.next()).readBigUInt64LE(8),
    }
    const file = await this.files.disk.open(spare, 'write')
    try {
      await writeDurably(file, encodeSegmentHeader(header), 0)
      await this.files.name(spare, number)
    } catch (error) {
      await file.close().catch(() => undefined) // The first error is the one to tell.
      await this.files.discard(spare, number)
      throw error
    }
    state.chain.push(segmentOf(header))
    this.#segments.set(number, state.chain.at(-1)!)
    state.offset = SEGMENT_HEADER_BYTES
    this.#writing = file
    this.#isStuck = false
  }

  #frameBuffer(sizeBytes: number): Buffer {
    if (this.#frame.byteLength < sizeBytes)
      this.#frame = Buffer.allocUnsafeSlow(Math.max(sizeBytes, 2 * this.#frame.byteLength))
    return this.#frame.subarray(0, sizeBytes)
  }
}

function segmentSize(number: number, segmentBytes: number): number {
  return number <= YOUNG_SEGMENTS ? Math.min(YOUNG_SEGMENT_BYTES, segmentBytes) : segmentBytes
}
