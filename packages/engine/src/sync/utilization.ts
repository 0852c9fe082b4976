import { cpus } from 'node:os'
import { performance } from 'node:perf_hooks'

/**
 * The share of the time, each time since it was last asked, for which all cores of the machine together were at work, or this thread
 * where that is more.
 */
export function utilizationSince(): () => number {
  let before = { cores: coreTimes(), thread: performance.eventLoopUtilization() }
  return () => {
    const now = { cores: coreTimes(), thread: performance.eventLoopUtilization() }
    const all = now.cores.all - before.cores.all
    // Where nobody tells, or too little time has gone, the thread speaks for itself.
    const cores = all > 0 ? 1 - (now.cores.idle - before.cores.idle) / all : 0
    const { utilization } = performance.eventLoopUtilization(now.thread, before.thread)
    before = now
    return Math.max(cores, utilization)
  }
}

function coreTimes(): { idle: number; all: number } {
  let [idle, all] = [0, 0]
  for (const { times } of cpus()) {
    idle += times.idle
    all += times.user + times.nice + times.sys + times.irq + times.idle
  }
  return { idle, all }
}
