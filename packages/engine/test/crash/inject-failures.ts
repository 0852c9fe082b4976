import type { Machine } from './simulated-engine.js'

/** Calls of the disk and batches of the index that fail on the way, now and then. */
export function injectFailures({ disk, index }: Machine, random: () => number): void {
  index.failureRate = random() < 0.5 ? 0 : 0.02
  const rate = random() * 0.02
  const code = random() < 0.5 ? 'EIO' : 'ENOSPC'
  const kind = random() < 0.5 ? 'error' : 'partial'
  disk.inject({ when: () => random() < rate, times: 1 + Math.floor(random() * 6), fault: { kind, code } })
}
