import { readFileSync, writeFileSync } from 'node:fs'

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

const mib = (kib) => (kib === undefined ? undefined : kib / 1_024)

export const residentMib = (pid) => mib(numberIn(read(`/proc/${pid}/status`), /VmRSS:\s+(\d+) kB/))

/** What is resident besides mapped files. The tables of LevelDB are mapped: their pages are the page cache's, and count as resident. */
export const residentWithoutFilesMib = (pid) =>
  mib(numberIn(read(`/proc/${pid}/status`), /RssAnon:\s+(\d+) kB/))

export const peakResidentMib = (pid) => mib(numberIn(read(`/proc/${pid}/status`), /VmHWM:\s+(\d+) kB/))

/** From here on the peak is that of what follows. Where Linux does not allow it, the peak goes on. */
export function forgetPeak(pid) {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
  } catch {
    // Then the figure is that of all that was before as well: more, never less.
  }
}

/** Bytes that a process gave to `write` so far. Its sockets count too: it tells of files where there are none. */
export const writtenBytes = (pid) => numberIn(read(`/proc/${pid}/io`), /^wchar: (\d+)/m)

/** Milliseconds of the processor that a process used so far, all its threads. Linux counts in hundredths of a second. */
export function cpuMs(pid) {
  const fields = /\) (.*)/.exec(read(`/proc/${pid}/stat`))?.[1].split(' ')
  return fields === undefined ? undefined : (Number(fields[11]) + Number(fields[12])) * 10
}

/** Milliseconds of all processors that were not idle so far, the kernel's work included. */
export function machineCpuMs() {
  const fields = /^cpu +(.*)/.exec(read('/proc/stat'))?.[1].split(' ').map(Number)
  if (fields === undefined) return undefined
  const [user, nice, system, , , irq, softirq] = fields
  return (user + nice + system + irq + softirq) * 10
}
