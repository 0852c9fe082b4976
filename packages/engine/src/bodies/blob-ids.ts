import type { BlobId, BlobStore } from '../blobs/blobs.js'
import { Draft } from '../catalog/draft.js'
import { allBlobRuns, blobRunKey, blobRunOf, settledBlobKey } from '../catalog/keys.js'
import { rowsUnder } from '../catalog/scan.js'
import type { KvStore } from '../kv/kv.js'

const RUN_LENGTH = 256
const HEAD = blobRunKey(0)
const NOTHING = new Uint8Array(0)

/**
 * Gives out blob ids, never one twice. A durable row reserves a run of 256; each id is settled by a row of its
 * own, put by the very commit that uses the blob, or after it was dropped. So after a crash the unsettled ids
 * of open runs name every blob file that no record can know of, and nothing else has to be looked at.
 */
export class BlobIds {
  readonly #kv: KvStore
  readonly #blobs: BlobStore
  readonly #unsettled = new Map<number, number>() // How many ids of a run are not settled yet.
  #run: { number: number; next: number } | undefined
  #reserving: Promise<void> | undefined

  constructor(kv: KvStore, blobs: BlobStore) {
    this.#kv = kv
    this.#blobs = blobs
  }

  async next(): Promise<BlobId> {
    for (;;) {
      const run = this.#run
      if (run !== undefined && run.next < RUN_LENGTH) return run.number * RUN_LENGTH + run.next++
      this.#reserving ??= this.#reserve().finally(() => {
        this.#reserving = undefined
      })
      await this.#reserving
    }
  }

  async #reserve(): Promise<void> {
    for (;;) {
      const draft = new Draft(this.#kv)
      const head = await draft.get(HEAD)
      const number = head === undefined ? 1 : readNumber(head.value)
      draft.put(HEAD, writeNumber(number + 1))
      draft.put(blobRunKey(number), NOTHING)
      const outcome = await this.#kv.commit(draft.toChange())
      if (!outcome.committed) continue
      this.#run = { number, next: 0 }
      this.#unsettled.set(number, RUN_LENGTH)
      return
    }
  }

  /** Writes into the commit that names the blob that its id is settled. Blind: it can conflict with nothing. */
  settle(id: BlobId, draft: Draft): void {
    draft.put(settledBlobKey(Math.floor(id / RUN_LENGTH), id % RUN_LENGTH), NOTHING)
  }

  /**
   * To be told after that commit: the last id of a run takes the run's rows away. Never fails, for the commit
   * that it follows is durable whatever comes of this.
   */
  async settled(id: BlobId): Promise<void> {
    const run = Math.floor(id / RUN_LENGTH)
    const left = (this.#unsettled.get(run) ?? 0) - 1
    this.#unsettled.set(run, left)
    if (left > 0) return
    this.#unsettled.delete(run)
    try {
      await this.#forget(run)
    } catch {
      // The rows say that every id is settled: the next open finds nothing to remove, and takes them away.
    }
  }

  /** Removes a blob that nothing will name, and settles its id. */
  async drop(id: BlobId): Promise<void> {
    await this.#blobs.remove([id])
    const draft = new Draft(this.#kv)
    draft.freesSpace = true
    this.settle(id, draft)
    await this.#kv.commit(draft.toChange())
    await this.settled(id)
  }

  /** At open: removes what an earlier process staged and never named. Looks at open runs only. */
  async recover(): Promise<void> {
    let run: { number: number; settled: Set<number> } | undefined
    for await (const row of rowsUnder(this.#kv, allBlobRuns())) {
      const { run: number, index } = blobRunOf(row.key)
      if (number === 0) continue
      if (index === undefined) {
        if (run !== undefined) await this.#finishRun(run)
        run = { number, settled: new Set() }
      } else if (run?.number === number) {
        run.settled.add(index)
      }
      // A settled id of a run that is not there says nothing of the others: their blobs may all be in use.
    }
    if (run !== undefined) await this.#finishRun(run)
  }

  async #finishRun(run: { number: number; settled: Set<number> }): Promise<void> {
    const unsettled: BlobId[] = []
    for (let index = 0; index < RUN_LENGTH; index++)
      if (!run.settled.has(index)) unsettled.push(run.number * RUN_LENGTH + index)
    await this.#blobs.remove(unsettled)
    await this.#forget(run.number)
  }

  async #forget(run: number): Promise<void> {
    const draft = new Draft(this.#kv)
    draft.delete(blobRunKey(run))
    for (let index = 0; index < RUN_LENGTH; index++) draft.delete(settledBlobKey(run, index))
    await this.#kv.commit(draft.toChange())
  }
}

function writeNumber(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

function readNumber(bytes: Uint8Array): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0))
}
