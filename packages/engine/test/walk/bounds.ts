import { limits } from '../../dist/limits.js'

export const WALKERS = 3

/** Parts of any size may be completed. Call it first, in a process that runs nothing else. */
export function allowSmallParts(): void {
  Object.assign(limits, { partMinBytes: 1 })
}
