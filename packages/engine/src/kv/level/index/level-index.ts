import { join } from 'node:path'
import { Level } from 'level'
import type { Disk } from '../../../disk.js'
import { storageUnavailable } from '../../../errors.js'
import { levelErrorCode } from '../level-error.js'
import { findTableDamage, tablesSizeBytes } from '../tables/find-table-damage.js'
import {
  type Index,
  type IndexBatch,
  IndexDamage,
  type IndexEntry,
  type IndexLocation,
  type IndexRange,
  type IndexTextEntry,
} from './index-port.js'
import { IteratorMemory } from './iterator-memory.js'

const options = {
  keyEncoding: 'view',
  valueEncoding: 'view',
  // The tables are verified by our own reader, which reads plain blocks; the rows hardly compress.
  compression: false,
  cacheSize: 32 * 1024 * 1024,
  writeBufferSize: 8 * 1024 * 1024,
  maxFileSize: 4 * 1024 * 1024,
}

/** A page of a scan comes in one call of LevelDB's: its usual 16 KiB would take a dozen. */
const PAGE_BYTES = 1024 * 1024

/**
 * A row's key as LevelDB makes text of it, several times faster than a Buffer; bounds are bytes all the same. LevelDB
 * gets both as they are.
 */
const keysAsText = { name: 'keys-as-text', format: 'utf8', encode: same, decode: same } as const

function same<T>(given: T): T {
  return given
}

/** A range below every key, so that nothing but the memory table is compacted. */
const NOTHING = Buffer.from([0])

/** An index whose tables are larger, and that was closed in order, is opened before it is verified. */
const VERIFIED_BEFORE_BYTES = 64 * 1024 * 1024

/** An empty file within the index while it is open: where one is found, a process died with it. */
const IN_USE = 'in-use'

export interface LevelIndexLocation extends IndexLocation {
  /** A second one, to be made beside the first. Whatever was left there is gone once the first is opened. */
  readonly next: IndexLocation
  /** Puts the second, closed, in the place of the first. A crash on the way may leave none. */
  replace(): Promise<void>
}

export function levelIndexLocation(
  disk: Disk,
  directory: string,
  verifiedBeforeBytes = VERIFIED_BEFORE_BYTES,
): LevelIndexLocation {
  const next = join(directory, 'index.next')
  const location = locationOf(disk, directory, 'index', verifiedBeforeBytes)
  return {
    ...location,
    async open() {
      await disk.removeDirectory(next)
      return location.open()
    },
    next: locationOf(disk, directory, 'index.next', verifiedBeforeBytes),
    async replace() {
      await location.discard()
      await disk.rename(next, join(directory, 'index'))
      await disk.syncDirectory(directory)
    },
  }
}

function locationOf(disk: Disk, directory: string, name: string, verifiedBeforeBytes: number): IndexLocation {
  const path = join(directory, name)
  const discarded = join(directory, 'index.discarded')
  return {
    exists: async () => (await disk.sizeOf(path)) !== undefined,
    async open() {
      await disk.removeDirectory(discarded)
      const isVerified = await isFoundSound(disk, path, verifiedBeforeBytes)
      await markInUse(disk, path)
      const level = new Level<Uint8Array, Uint8Array>(path, options)
      await level.open().catch((error) => {
        throw isPassing(error) ? error : new IndexDamage('LevelDB cannot be opened.', { cause: error })
      })
      return new LevelIndex(level, disk, path, isVerified)
    },
    async discard() {
      await disk.removeDirectory(discarded)
      if ((await disk.sizeOf(path)) === undefined) return
      // In one step, so that a crash cannot leave a part of it that still opens.
      await disk.rename(path, discarded)
      await disk.syncDirectory(directory)
      await disk.removeDirectory(discarded)
    },
  }
}

/**
 * LevelDB reads its tables without checking them, and some damage ends the whole process in one of its assertions.
 * So they are read back before it gets them: all, where a process died with them, which may have been for that very
 * reason. Large ones that were closed in order are read back once they serve, lest opening takes long.
 *
 * @returns false where they are still to be verified.
 * @throws IndexDamage
 */
async function isFoundSound(disk: Disk, path: string, verifiedBeforeBytes: number): Promise<boolean> {
  if ((await disk.sizeOf(path)) === undefined) return true
  let damage: string | undefined
  try {
    const wasClosed = (await disk.sizeOf(join(path, IN_USE))) === undefined
    if (wasClosed && (await tablesSizeBytes(disk, path)) > verifiedBeforeBytes) return false
    damage = await findTableDamage(disk, path, new AbortController().signal)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'EIO' && !(error instanceof RangeError)) throw error
    throw new IndexDamage('The index cannot be read back.', { cause: error })
  }
  if (damage !== undefined) throw new IndexDamage(damage)
  return true
}

async function markInUse(disk: Disk, path: string): Promise<void> {
  await disk.makeDirectory(path)
  const mark = join(path, IN_USE)
  if ((await disk.sizeOf(mark)) === undefined) await (await disk.open(mark, 'create')).close()
}

/** Of the rows from there on. */
function sizeOf(entries: readonly (readonly [string | Uint8Array, Uint8Array])[], from: number): number {
  let bytes = 0
  for (let at = from; at < entries.length; at++) bytes += entries[at]![0].length + entries[at]![1].byteLength
  return bytes
}

/** What `level` has in Node beyond what it has everywhere. */
interface Compacting {
  compactRange(start: Uint8Array, end: Uint8Array): Promise<void>
}

class LevelIndex implements Index {
  readonly #level: Level<Uint8Array, Uint8Array>
  readonly #disk: Disk
  readonly #path: string
  readonly #iterators = new IteratorMemory()
  readonly isVerified: boolean

  constructor(level: Level<Uint8Array, Uint8Array>, disk: Disk, path: string, isVerified: boolean) {
    this.#level = level
    this.#disk = disk
    this.#path = path
    this.isVerified = isVerified
  }

  get(key: Uint8Array): Uint8Array | undefined {
    try {
      return this.#level.getSync(key)
    } catch (error) {
      throw translated(error)
    }
  }

  scan(range: IndexRange): Promise<IndexEntry[]> {
    return this.#scan(range, 'view')
  }

  scanText(range: IndexRange): Promise<IndexTextEntry[]> {
    return this.#scan(range, keysAsText)
  }

  async #scan<K extends string | Uint8Array>(
    { from, to, limit, reverse }: IndexRange,
    keyEncoding: 'view' | typeof keysAsText,
  ): Promise<[K, Uint8Array][]> {
    const iterator = this.#level.iterator<unknown, Uint8Array>({
      gte: from,
      lt: to,
      limit,
      reverse,
      keyEncoding,
      highWaterMarkBytes: PAGE_BYTES,
    })
    try {
      // In one call as a rule: `all()` would ask for a thousand at a time, and once more to find nothing.
      const entries = (await iterator.nextv(limit)) as [K, Uint8Array][]
      let lastRows = entries.length
      while (entries.length < limit) {
        const more = (await iterator.nextv(limit - entries.length)) as [K, Uint8Array][]
        if (more.length === 0) break
        for (const entry of more) entries.push(entry)
        lastRows = more.length
      }
      this.#iterators.keep(lastRows, sizeOf(entries, entries.length - lastRows))
      return entries
    } catch (error) {
      throw translated(error)
    } finally {
      await iterator.close()
    }
  }

  batch(): IndexBatch {
    const batch = this.#level.batch()
    return {
      put: (key, value) => void batch.put(key, value),
      delete: (key) => void batch.del(key),
      write: async ({ sync }) => {
        await batch.write({ sync }).catch((error) => {
          throw levelErrorCode(error) === 'LEVEL_CORRUPTION' ? translated(error) : error
        })
        // LevelDB syncs its log, but not the log's name where the log is new.
        if (sync) await this.#disk.syncDirectory(this.#path)
      },
    }
  }

  flush(): Promise<void> {
    return (this.#level as unknown as Compacting).compactRange(NOTHING, NOTHING)
  }

  findDamage({ signal }: { signal: AbortSignal }): Promise<string | undefined> {
    return findTableDamage(this.#disk, this.#path, signal)
  }

  async sizeBytes(): Promise<number> {
    let sum = 0
    for (const name of await this.#disk.list(this.#path))
      sum += (await this.#disk.sizeOf(join(this.#path, name))) ?? 0
    return sum
  }

  async close(): Promise<void> {
    await this.#level.close()
    // Should it stay, the next open only reads more back than it has to.
    await this.#disk.unlink(join(this.#path, IN_USE)).catch(() => undefined)
  }
}

/** An index that was closed under a reader is at hand again soon; what else a reader may meet is damage. */
function translated(error: unknown): Error {
  const code = levelErrorCode(error)
  if (code === 'LEVEL_DATABASE_NOT_OPEN' || code === 'LEVEL_ITERATOR_NOT_OPEN')
    return storageUnavailable('absent', 'The index is being recovered.', error)
  return new IndexDamage('LevelDB cannot read.', { cause: error })
}

/** Whether opening failed for want of something, not for what the files hold. */
function isPassing(error: unknown): boolean {
  const { message, cause } = error as { message: string; cause?: { message: string } }
  if (levelErrorCode(error) === 'LEVEL_LOCKED') return true
  return /No space left|Too many open files|Cannot allocate memory/.test(`${message} ${cause?.message}`)
}
