// When a process has little to do: what the buffers of the kernel take of a slow reader's object goes at full speed.
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'

const ticksPerSecond = 100

/** Seconds of the processor that a process has used, from Linux's /proc. */
async function processorSeconds(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/**
 * Resolves to the share of one processor that it uses once that is under `share`, or after `patienceMs` whatever it uses.
 *
 * @param {number} pid
 */
export async function settled(pid, { share = 0.3, patienceMs = 40_000 } = {}) {
  for (const began = performance.now(); ; ) {
    const before = await processorSeconds(pid)
    await pause(2_000)
    const used = ((await processorSeconds(pid)) - before) / 2
    if (used < share || performance.now() - began > patienceMs) return used
  }
}
