import { readFileSync } from 'node:fs'

const everyMs = 250
const printEveryMs = 2_000

/** Samples a process's resident memory, prints it over time, and keeps the peak of each phase. */
export function watchMemory(pid) {
  const began = Date.now()
  const peaks = new Map()
  let phase = 'start'
  let printed = 0
  const sample = () => {
    const residentMib = Math.round(
      Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024,
    )
    peaks.set(phase, Math.max(peaks.get(phase) ?? 0, residentMib))
    if (Date.now() - printed < printEveryMs) return
    printed = Date.now()
    console.log(
      `${((printed - began) / 1000).toFixed(0).padStart(5)} s  ${phase.padEnd(14)} ${String(residentMib).padStart(5)}`,
    )
  }
  const timer = setInterval(sample, everyMs)
  return {
    peaks,
    stop: () => clearInterval(timer),
    async during(name, work) {
      phase = name
      const result = await work()
      sample()
      return result
    },
  }
}
