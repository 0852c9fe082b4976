import { closeSync, fdatasyncSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const MIB = 2 ** 20

/** What the disk and the page cache of this machine give, in this run: nothing durable can be faster. */
export function diskLimits(directory, seconds) {
  return [
    {
      name: 'append 4 KiB, fdatasync',
      unit: 'writes/s',
      rate: appends(join(directory, 'appended'), 4_096, seconds),
    },
    {
      name: 'append 1 MiB, fdatasync',
      unit: 'MiB/s',
      rate: appends(join(directory, 'appended'), MIB, seconds),
    },
    {
      name: 'read 1 MiB from the page cache',
      unit: 'MiB/s',
      rate: cachedReads(join(directory, 'cached'), seconds),
    },
  ]
}

function appends(path, sizeBytes, seconds) {
  const file = openSync(path, 'w')
  const bytes = Buffer.alloc(sizeBytes, 1)
  const until = Date.now() + seconds * 1_000
  let count = 0
  for (; Date.now() < until; count++) {
    writeSync(file, bytes, 0, sizeBytes, (count * sizeBytes) % (256 * MIB))
    fdatasyncSync(file)
  }
  closeSync(file)
  return count / seconds
}

function cachedReads(path, seconds) {
  const written = openSync(path, 'w')
  const bytes = Buffer.alloc(MIB, 1)
  const mib = 64
  for (let n = 0; n < mib; n++) writeSync(written, bytes)
  closeSync(written)
  const file = openSync(path, 'r')
  const until = Date.now() + seconds * 1_000
  let count = 0
  for (; Date.now() < until; count++) readSync(file, bytes, 0, MIB, (count % mib) * MIB)
  closeSync(file)
  return count / seconds
}
