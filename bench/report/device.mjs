import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const SECTOR_BYTES = 512

/**
 * The block device on which a directory lies, or undefined where the system does not tell. What it counts is of all
 * programs. (What Linux says of one process, `write_bytes`, counts whole folios of the page cache: a synced write of
 * 4 KiB into a file that was written by the megabyte counts as a megabyte.)
 */
export async function deviceOf(directory) {
  const { dev } = await stat(directory)
  const path = `/sys/dev/block/${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}/stat`
  const device = {
    /** Bytes written so far, when all that was waiting in the page cache has been written too. */
    async settledBytes() {
      await run('sync', ['-f', directory])
      return Number((await readFile(path, 'utf8')).trim().split(/ +/)[6]) * SECTOR_BYTES
    },
  }
  return (await device.settledBytes().catch(() => undefined)) === undefined ? undefined : device
}
