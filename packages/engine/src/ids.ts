import { randomFillSync } from 'node:crypto'
import type { Clock } from './clock.js'

/** Where identities come from, injectable so that a test can replay a run. */
export interface Ids {
  /**
   * 16 bytes never given out before: six of the time in milliseconds, ten random. Ids of a later
   * millisecond sort after those of an earlier one.
   */
  next(): Uint8Array
}

const POOL_BYTES = 4_096

export function randomIds(clock: Clock): Ids {
  const pool = new Uint8Array(POOL_BYTES)
  let used = POOL_BYTES
  return {
    next() {
      if (used + 10 > POOL_BYTES) {
        randomFillSync(pool)
        used = 0
      }
      const id = new Uint8Array(16)
      const now = clock.now()
      new DataView(id.buffer).setUint32(0, Math.floor(now / 0x1_0000))
      new DataView(id.buffer).setUint16(4, now % 0x1_0000)
      id.set(pool.subarray(used, used + 10), 6)
      used += 10
      return id
    },
  }
}
