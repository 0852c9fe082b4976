import { open, rm } from 'node:fs/promises'
import type { Disk } from '@aquifer/engine/stores'
import { CommandFailure } from './failure.js'

/**
 * A file in the data directory that only its owner may read; undefined where there is none.
 *
 * @param instead How else its content may be given.
 * @throws {@link CommandFailure} `credentials`.
 */
export async function findPrivateFile(
  path: string,
  { whenSeen, instead }: { whenSeen: string; instead: string },
): Promise<string | undefined> {
  try {
    await using file = await open(path, 'r')
    const { mode } = await file.stat()
    // Windows has no such bits: every file shows as readable by all.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new CommandFailure(
        'credentials',
        `${path} can be read by other users of this machine (mode ${(mode & 0o777).toString(8)}).`,
        `Run "chmod 600" on it; if others may have read it, ${whenSeen}.`,
      )
    }
    return await file.readFile('utf8')
  } catch (error) {
    if (error instanceof CommandFailure) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CommandFailure(
      'credentials',
      `${path} cannot be read: ${(error as Error).message}.`,
      `Let this user read it, or set ${instead}.`,
      { cause: error },
    )
  }
}

/** A crash at any step leaves no file, or the whole file, under its name. */
export async function writePrivateFile(
  disk: Disk,
  directory: string,
  path: string,
  text: string,
): Promise<void> {
  const unfinished = `${path}.unfinished`
  await rm(unfinished, { force: true })
  const file = await disk.open(unfinished, 'create')
  try {
    await file.write(new TextEncoder().encode(text), 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.rename(unfinished, path)
  await disk.syncDirectory(directory)
}
