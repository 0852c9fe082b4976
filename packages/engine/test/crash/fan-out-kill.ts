import type { FanOutTarget } from '@aquifer/engine'
import { bytesOf } from './workload.js'

/** In two buckets, the second of which keeps versions. */
export const fanOutTargets = (name: string): FanOutTarget[] =>
  Array.from({ length: 1_000 }, (_, n) => ({ bucket: n % 3 === 0 ? 'second' : 'first', key: `${name}/${n}` }))

export function* piecesOf(name: string, sizeBytes: number): Generator<Uint8Array> {
  const bytes = bytesOf(Number(name), sizeBytes)
  for (let at = 0; at < sizeBytes; at += 65_536) yield bytes.subarray(at, at + 65_536)
}
