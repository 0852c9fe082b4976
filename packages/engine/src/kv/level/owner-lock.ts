import { hostname } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { type Disk, readWholeFile } from '../../disk.js'
import { engineLocked, noSuchStore, storageUnavailable } from '../../errors.js'
import { levelErrorCode } from './level-error.js'

/**
 * The right to be a directory's only owner. It is the lock of a LevelDB that holds nothing else, so it ends
 * with the process, however that ends; the file beside it is only for telling the next comer who is there.
 */
export class OwnerLock {
  readonly #level: Level<string, string>

  private constructor(level: Level<string, string>) {
    this.#level = level
  }

  /** @throws EngineError `EngineLocked` at once where another owner lives. */
  static async acquire(disk: Disk, directory: string): Promise<OwnerLock> {
    const holderFile = join(directory, 'owner.json')
    const path = join(directory, 'owner')
    try {
      const level = await openLevel(path).catch(async (error) => {
        if (isLocked(error)) throw error
        await forgetAllBut('LOCK', disk, path)
        return openLevel(path)
      })
      await writeHolder(disk, holderFile)
      return new OwnerLock(level)
    } catch (error) {
      if (isLocked(error)) throw engineLocked(directory, await describeHolder(disk, holderFile))
      throw storageUnavailable('absent', `The lock on "${directory}" cannot be taken: ${error}`, error)
    }
  }

  release(): Promise<void> {
    return this.#level.close()
  }
}

async function openLevel(path: string): Promise<Level<string, string>> {
  const level = new Level<string, string>(path)
  await level.open()
  return level
}

const isLocked = (error: unknown): boolean => levelErrorCode(error) === 'LEVEL_LOCKED'

/**
 * It holds nothing, so nothing is lost with what is damaged of it. The lock's own file stays: who has it keeps it,
 * and of several that come here at once one gets it.
 */
async function forgetAllBut(kept: string, disk: Disk, path: string): Promise<void> {
  for (const name of await disk.list(path)) if (name !== kept) await disk.unlink(join(path, name))
}

/** @throws EngineError `NoSuchStore` where neither a journal nor an index is. */
export async function refuseMissing(disk: Disk, directory: string): Promise<void> {
  for (const name of ['journal', 'index'])
    if ((await disk.sizeOf(join(directory, name))) !== undefined) return
  throw noSuchStore(directory)
}

async function writeHolder(disk: Disk, path: string): Promise<void> {
  const holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() }
  if ((await disk.sizeOf(path)) !== undefined) await disk.unlink(path)
  const file = await disk.open(path, 'create')
  try {
    await file.write(Buffer.from(`${JSON.stringify(holder)}\n`), 0)
  } finally {
    await file.close()
  }
}

async function describeHolder(disk: Disk, path: string): Promise<string | undefined> {
  try {
    const holder = JSON.parse(Buffer.from(await readWholeFile(disk, path)).toString())
    return `process ${holder.pid} on ${holder.host} since ${holder.since}`
  } catch {
    return undefined // The file is a courtesy: half written or gone, the lock still stands.
  }
}
