import type { BlobId, BlobStore } from '../blobs/blobs.js'
import { Draft } from '../catalog/draft.js'
import { allBlobRuns, blobRunKey, blobRunOf, type RowKey, settledBlobKey } from '../catalog/keys.js'
import { rowsUnder } from '../catalog/scan.js'
import type { KvStore } from '../kv/kv.js'

const RUN_LENGTH = 256
const HEAD = blobRunKey(0)
const NOTHING = new Uint8Array(0)
/** Ids left out where nobody knows any more how many were given. */
const RUNS_LEFT_OUT = 2 ** 20

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
  /** Blobs below this id stay, whatever the rows say. */
  #keptBelow = 0
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
      const { number, keptBelow } = readHead(head?.value)
      draft.put(HEAD, writeHead({ number: number + 1, keptBelow }))
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

  /**
   * At open, where rows were lost. Which ids were given, and which of them are in use, no row says for certain any
   * more: so new ones begin far beyond all, and the blobs that are there stay for good. What a lost row named is of
   * no use any more, but what a row names although another says that it is free is all there is of it.
   */
  async startAnew(): Promise<void> {
    const { number } = readHead((await this.#kv.get(HEAD))?.value)
    let highest = 0
    for await (const id of this.#blobs.list()) highest = Math.max(highest, id)
    const beyond = Math.max(number, Math.floor(highest / RUN_LENGTH) + 1) + RUNS_LEFT_OUT
    await this.#put(HEAD, writeHead({ number: beyond, keptBelow: beyond * RUN_LENGTH }))
    const open: RowKey[] = []
    for await (const { key } of rowsUnder(this.#kv, allBlobRuns()))
      if (blobRunOf(key).index === undefined && blobRunOf(key).run > 0) open.push(key)
    for (const key of open) await this.#forget(blobRunOf(key).run)
  }

  /** Of these blobs, those that may be removed when no row names them. */
  removable(ids: readonly BlobId[]): readonly BlobId[] {
    return ids.filter((id) => id >= this.#keptBelow)
  }

  async #put(key: RowKey, value: Uint8Array): Promise<void> {
    const draft = new Draft(this.#kv)
    draft.put(key, value)
    await this.#kv.commit(draft.toChange())
  }

  /** At open: removes what an earlier process staged and never named. Looks at open runs only. */
  async recover(): Promise<void> {
    this.#keptBelow = readHead((await this.#kv.get(HEAD))?.value).keptBelow
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

interface Head {
  /** Of the next run. */
  readonly number: number
  readonly keptBelow: number
}

/** The second number only where there is one: most stores never lose a row. */
function writeHead({ number, keptBelow }: Head): Uint8Array {
  const bytes = Buffer.alloc(keptBelow === 0 ? 8 : 16)
  bytes.writeBigUInt64BE(BigInt(number))
  if (keptBelow > 0) bytes.writeBigUInt64BE(BigInt(keptBelow), 8)
  return bytes
}

function readHead(value: Uint8Array | undefined): Head {
  if (value === undefined) return { number: 1, keptBelow: 0 }
  const bytes = Buffer.from(value)
  const keptBelow = bytes.byteLength < 16 ? 0 : Number(bytes.readBigUInt64BE(8))
  return { number: Number(bytes.readBigUInt64BE(0)), keptBelow }
}
