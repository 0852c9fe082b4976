import { closeSync, fdatasyncSync, openSync, readSync, writeSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { appendLimit } from '../report/append-limit.mjs'

const MIB = 2 ** 20

/** What the disk gives whoever appends bodies of a size to one file and syncs after so many of them. */
export const appended = ({ sizeBytes, together }) => ({
  name: together === 1 ? 'append + fdatasync' : `${together} appended, one fdatasync`,
  perSecond: async (path, seconds) => together * (await appendLimit(path, together * sizeBytes, seconds)),
})

/** A whole file written by the megabyte, synced at its end: MiB/s. */
export const written = ({ mib }) => ({
  name: 'write a file, fdatasync',
  perSecond(path, seconds) {
    const bytes = Buffer.alloc(MIB, 1)
    return (
      mib *
      countFor(seconds, () => {
        const file = openSync(path, 'w')
        for (let n = 0; n < mib; n++) writeSync(file, bytes)
        fdatasyncSync(file)
        closeSync(file)
      })
    )
  },
})

/** A file that is in the page cache, read by the megabyte into the same memory: MiB/s. */
export const cached = {
  name: 'read of the page cache',
  perSecond(path, seconds) {
    const mib = 64
    const bytes = Buffer.alloc(MIB, 1)
    const file = openSync(path, 'w+')
    for (let n = 0; n < mib; n++) writeSync(file, bytes)
    let next = 0
    const rate = countFor(seconds, () => readSync(file, bytes, 0, MIB, (next++ % mib) * MIB))
    closeSync(file)
    return rate
  },
}

function countFor(seconds, act) {
  const began = performance.now()
  let count = 0
  for (; performance.now() - began < seconds * 1_000; count++) act()
  return count / ((performance.now() - began) / 1_000)
}
