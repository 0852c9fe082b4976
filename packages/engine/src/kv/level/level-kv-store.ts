import { join } from 'node:path'
import { Level } from 'level'
import { type Disk, nodeDisk } from '../../disk.js'
import { engineClosed, storageUnavailable } from '../../errors.js'
import { checkChange } from '../check-change.js'
import {
  type Change,
  type CommitOutcome,
  type KvStore,
  kvLimits,
  type Revision,
  type Row,
  type ScanOptions,
  type ScanPage,
} from '../kv.js'
import { type Accepted, changeSizeBytes, closeGroup, takeGroup, type Waiting } from './group.js'
import { OwnerLock } from './owner-lock.js'

export interface LevelKvStoreOptions {
  /** Made where it is missing. One process at a time owns it. */
  directory: string
  disk?: Disk
}

type Index = Level<Uint8Array, Uint8Array>

const ROW = 0x72 // r
const PAYLOAD = 0x70 // p
const REVISION_KEY = Buffer.from('last')
const ROW_HEADER_BYTES = 12
const GROUP_BYTES_MAX = 8 * 1024 * 1024

/** A durable key–value store on LevelDB: each group of commits is one synced batch. */
export class LevelKvStore implements KvStore {
  readonly limits = kvLimits
  readonly #lock: OwnerLock
  readonly #location: string
  #index: Index
  #revision: Revision
  readonly #queue: Waiting[] = []
  #running: Promise<void> | undefined
  #closing: Promise<void> | undefined

  private constructor(lock: OwnerLock, location: string, index: Index) {
    this.#lock = lock
    this.#location = location
    this.#index = index
    this.#revision = readRevision(index)
  }

  /** @throws EngineError `EngineLocked` where another owner lives. */
  static async open({ directory, disk = nodeDisk }: LevelKvStoreOptions): Promise<LevelKvStore> {
    await disk.makeDirectory(directory)
    const lock = await OwnerLock.acquire(disk, directory)
    try {
      const location = join(directory, 'index')
      return new LevelKvStore(lock, location, await openIndex(location))
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  get(key: Uint8Array): Row | undefined {
    this.#checkOpen()
    return this.#find(key)
  }

  getMany(keys: readonly Uint8Array[]): (Row | undefined)[] {
    this.#checkOpen()
    return keys.map((key) => this.#find(key))
  }

  readPayload(key: Uint8Array, revision: Revision): Uint8Array | 'changed' {
    this.#checkOpen()
    const row = this.#find(key)
    if (row?.revision !== revision) return 'changed'
    return this.#read(prefixed(PAYLOAD, key)) ?? new Uint8Array(0)
  }

  async scan({ from, to, limit, reverse = false }: ScanOptions): Promise<ScanPage> {
    this.#checkOpen()
    const range = { gte: prefixed(ROW, from), lt: prefixed(ROW, to), reverse }
    const iterator = this.#index.iterator({ ...range, limit: limit + 1 })
    try {
      const found = await iterator.all()
      const rows = found.slice(0, limit).map(([key, bytes]) => decodeRow(key.subarray(1), bytes))
      return { rows, more: found.length > limit }
    } finally {
      await iterator.close()
    }
  }

  async commit(change: Change): Promise<CommitOutcome> {
    this.#checkOpen()
    checkChange(change, this.limits)
    return new Promise((resolve, reject) => {
      this.#queue.push({ change, sizeBytes: changeSizeBytes(change), resolve, reject })
      this.#running ??= this.#run()
    })
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut()
    return this.#closing
  }

  async #shut(): Promise<void> {
    await this.#running
    await this.#index.close()
    await this.#lock.release()
  }

  /** One group in flight; the next gathers meanwhile. */
  async #run(): Promise<void> {
    // Lets every commit of this tick join the first group.
    await undefined
    while (this.#queue.length > 0) await this.#commitGroup(takeGroup(this.#queue, GROUP_BYTES_MAX))
    this.#running = undefined
  }

  async #commitGroup(members: readonly Waiting[]): Promise<void> {
    try {
      if (this.#index.status !== 'open') this.#index = await openIndex(this.#location)
      const group = closeGroup(members, (key) => this.#find(key), this.#revision)
      if (group.accepted.length > 0) await this.#write(group.accepted)
      group.answer()
    } catch (cause) {
      const error = storageUnavailable('unknown', 'The commit could not be written.', cause)
      for (const member of members) member.reject(error)
      await this.#reopen()
    }
  }

  async #write(accepted: readonly Accepted[]): Promise<void> {
    const batch = this.#index.batch()
    for (const { change, revision } of accepted) {
      for (const { key, value, payload } of change.puts) {
        batch.put(prefixed(ROW, key), encodeRow(value, revision, payload?.byteLength ?? 0))
        if (payload === undefined) batch.del(prefixed(PAYLOAD, key))
        else batch.put(prefixed(PAYLOAD, key), payload)
      }
      for (const key of change.deletes) batch.del(prefixed(ROW, key)).del(prefixed(PAYLOAD, key))
    }
    const { revision } = accepted.at(-1)!
    batch.put(REVISION_KEY, encodeRow(new Uint8Array(0), revision, 0))
    await batch.write({ sync: true })
    this.#revision = revision
  }

  /** After a failed write LevelDB's log has a hole that would swallow later records: it must be begun anew. */
  async #reopen(): Promise<void> {
    try {
      await this.#index.close()
      this.#index = await openIndex(this.#location)
      this.#revision = readRevision(this.#index)
    } catch {
      // The next group tries again, and tells its members why it could not.
    }
  }

  #find(key: Uint8Array): Row | undefined {
    const bytes = this.#read(prefixed(ROW, key))
    return bytes === undefined ? undefined : decodeRow(new Uint8Array(key), bytes)
  }

  #read(key: Uint8Array): Uint8Array | undefined {
    if (this.#index.status !== 'open') throw storageUnavailable('absent', 'The index is being reopened.')
    return this.#index.getSync(key)
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw engineClosed()
  }
}

async function openIndex(location: string): Promise<Index> {
  const index: Index = new Level(location, { keyEncoding: 'view', valueEncoding: 'view', compression: false })
  await index.open()
  return index
}

function readRevision(index: Index): Revision {
  const bytes = index.getSync(REVISION_KEY)
  return bytes === undefined ? 0 : decodeRow(REVISION_KEY, bytes).revision
}

function prefixed(space: number, key: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(1 + key.byteLength)
  bytes[0] = space
  bytes.set(key, 1)
  return bytes
}

function encodeRow(value: Uint8Array, revision: Revision, payloadBytes: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(ROW_HEADER_BYTES + value.byteLength)
  bytes.writeBigUInt64LE(BigInt(revision), 0)
  bytes.writeUInt32LE(payloadBytes, 8)
  bytes.set(value, ROW_HEADER_BYTES)
  return bytes
}

function decodeRow(key: Uint8Array, bytes: Uint8Array): Row {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return {
    key,
    value: bytes.subarray(ROW_HEADER_BYTES),
    revision: Number(view.getBigUint64(0, true)),
    payloadBytes: view.getUint32(8, true),
  }
}
