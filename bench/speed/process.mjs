import { readFileSync } from 'node:fs'

/** Linux alone tells; elsewhere these figures are left out. */
function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const numberIn = (text, pattern) => {
  const found = pattern.exec(text)
  return found === null ? undefined : Number(found[1])
}

export function residentMib(pid) {
  const kib = numberIn(read(`/proc/${pid}/status`), /VmRSS:\s+(\d+) kB/)
  return kib === undefined ? undefined : kib / 1_024
}

/** Bytes that a process had written to disks, its own page cache included. */
export const writtenBytes = (pid) => numberIn(read(`/proc/${pid}/io`), /^write_bytes: (\d+)/m)
