import type { ScanOptions } from '../../kv.js'
import { type FrameRecord, type RecordPlace, recordKind } from '../journal/frame.js'
import type { Position } from '../journal/segment.js'
import {
  type Applied,
  appliedKey,
  type Checkpoint,
  checkpointKey,
  decodeApplied,
  decodeCheckpoint,
  decodeMarker,
  encodeApplied,
  encodeCheckpoint,
  encodeMarker,
  markerKey,
} from './index-notes.js'
import { type Index, type IndexBatch, IndexDamage } from './index-port.js'
import { decodeIndexRow, encodeIndexRow, type IndexRow } from './index-row.js'

const ROWS = 1

/** The rows and the notes in one opened index. */
export class RowIndex {
  readonly #index: Index
  readonly #storeId: Uint8Array
  /** The last frame applied, and where the next one begins. */
  applied: Applied & { readonly end: Position }
  checkpoint: Checkpoint
  /** Applied since the checkpoint. */
  since = { rows: 0, journalBytes: 0 }

  constructor(index: Index, storeId: Uint8Array, checkpoint: Checkpoint, applied: Applied) {
    this.#index = index
    this.#storeId = storeId
    this.checkpoint = checkpoint
    this.applied = { ...applied, end: checkpoint.position }
  }

  /** The index with what it knows of the journal; undefined where it cannot be trusted to hold its checkpoint. */
  static read(index: Index, storeId: Uint8Array): RowIndex | undefined {
    const checkpoint = decodeCheckpoint(index.get(checkpointKey), storeId)
    const marker = decodeMarker(index.get(markerKey), storeId)
    const applied = decodeApplied(index.get(appliedKey), storeId)
    if (checkpoint === undefined || marker === undefined || applied === undefined) return undefined
    // The marker was flushed before the checkpoint was synced: an older one comes from an older state of the tables.
    if (marker < checkpoint.sequence || applied.sequence < checkpoint.sequence) return undefined
    return new RowIndex(index, storeId, checkpoint, applied)
  }

  /** Makes an empty index one that has applied nothing of a journal, which begins here. */
  static async begin(index: Index, storeId: Uint8Array, start: Checkpoint): Promise<RowIndex> {
    const rows = new RowIndex(index, storeId, start, { sequence: start.sequence, liveBytes: 0 })
    await rows.batch().write(rows, rows.applied)
    await rows.makeCheckpoint()
    return rows
  }

  /** @throws IndexDamage */
  find(key: Uint8Array): IndexRow | undefined {
    const bytes = this.#index.get(rowKey(key))
    return bytes === undefined ? undefined : decode(key, bytes)
  }

  /** @throws IndexDamage */
  async scan({ from, to, limit, reverse = false }: ScanOptions): Promise<[Uint8Array, IndexRow][]> {
    const entries = await this.#index.scan({ from: rowKey(from), to: rowKey(to), limit, reverse })
    return entries.map(([prefixed, bytes]) => {
      const key = prefixed.subarray(1)
      return [key, decode(key, bytes)]
    })
  }

  /**
   * The same, for keys that are UTF-8.
   *
   * @throws IndexDamage, also over a key that is not.
   */
  async scanText({ from, to, limit, reverse = false }: ScanOptions): Promise<[string, IndexRow][]> {
    const entries = await this.#index.scanText({ from: rowKey(from), to: rowKey(to), limit, reverse })
    return entries.map(([prefixed, bytes]) => {
      const key = prefixed.slice(1)
      return [key, decode(key, bytes)]
    })
  }

  batch(): RowBatch {
    return new RowBatch(this.#index.batch(), this.#storeId)
  }

  /** Makes durable all that is applied, and remembers that replay may begin behind it. */
  async makeCheckpoint(): Promise<void> {
    const { sequence, end } = this.applied
    const before = { ...this.since }
    const marker = this.#index.batch()
    marker.put(markerKey, encodeMarker(sequence, this.#storeId))
    await marker.write({ sync: false })
    await this.#index.flush()
    const checkpoint = { sequence, position: end }
    const batch = this.#index.batch()
    batch.put(checkpointKey, encodeCheckpoint(checkpoint, this.#storeId))
    // Refused where the flush failed, though the flush itself may not say so.
    await batch.write({ sync: true })
    this.checkpoint = checkpoint
    this.since.rows -= before.rows
    this.since.journalBytes -= before.journalBytes
  }

  findDamage(signal: AbortSignal): Promise<string | undefined> {
    return this.#index.findDamage({ signal })
  }

  sizeBytes(): Promise<number> {
    return this.#index.sizeBytes()
  }

  close(): Promise<void> {
    return this.#index.close()
  }
}

/** Frames on their way into the index. */
export class RowBatch {
  readonly #batch: IndexBatch
  readonly #storeId: Uint8Array
  rows = 0
  journalBytes = 0

  constructor(batch: IndexBatch, storeId: Uint8Array) {
    this.#batch = batch
    this.#storeId = storeId
  }

  add(record: FrameRecord, segment: number, { recordOffset, payloadOffset }: RecordPlace): void {
    const { key, kind, value, revision, payloadBytes } = record
    this.rows++
    if (kind === recordKind.delete) {
      this.#batch.delete(rowKey(key))
      return
    }
    const isPayloadLost = kind === recordKind.putWithoutItsPayload
    const row = { revision, segment, recordOffset, payloadOffset, payloadBytes, isPayloadLost, value }
    this.#batch.put(rowKey(key), encodeIndexRow(key, row))
  }

  async write(index: RowIndex, { liveBytes, ...rest }: Applied & { readonly end: Position }): Promise<void> {
    // A count that is wrong makes compaction come at another time; it must not keep a store from serving.
    const applied = { ...rest, liveBytes: Math.max(0, liveBytes) }
    this.#batch.put(appliedKey, encodeApplied(applied, this.#storeId))
    await this.#batch.write({ sync: false })
    index.applied = applied
    index.since.rows += this.rows
    index.since.journalBytes += this.journalBytes
  }
}

function decode(key: Uint8Array | string, bytes: Uint8Array): IndexRow {
  const row = decodeIndexRow(key, bytes)
  if (row === undefined) throw new IndexDamage('A value of the index is not what was written under its key.')
  return row
}

function rowKey(key: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(1 + key.byteLength)
  bytes[0] = ROWS
  bytes.set(key, 1)
  return bytes
}
