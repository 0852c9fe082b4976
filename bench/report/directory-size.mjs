import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** What a directory takes of the disk, in MiB: blocks in use, so that what is reserved and not written counts too. */
export async function directoryMib(path) {
  let blocks = 0
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) blocks += (await stat(join(entry.parentPath ?? entry.path, entry.name))).blocks
  return (blocks * 512) / 2 ** 20
}
