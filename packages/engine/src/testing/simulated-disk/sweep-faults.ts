import type { DiskFault } from './faults.js'
import { SimulatedDisk, type SimulatedDiskOptions } from './simulated-disk.js'

export interface FaultSweepOptions {
  readonly fault: DiskFault
  /** How the disk of call k is made; its seed is k if none is given. */
  readonly disk?: (call: number) => SimulatedDiskOptions
  /**
   * The scenario and the check of what it left, with the k-th call of the disk struck. It must make the same calls
   * up to the struck one each time.
   */
  run(disk: SimulatedDisk, call: number): Promise<void>
}

/**
 * Breaks the disk at every step: runs the scenario with its first call struck, then with its second, and so on
 * until it runs through with none.
 *
 * @returns how many calls were struck.
 * @throws what `run` throws, the number of the call in front of its message.
 */
export async function sweepFaults({ fault, disk: options, run }: FaultSweepOptions): Promise<number> {
  for (let call = 1; ; call++) {
    const disk = new SimulatedDisk({ seed: call, ...options?.(call) })
    const injected = disk.inject({ at: call, fault })
    try {
      await run(disk, call)
    } catch (error) {
      throw new Error(`With ${fault.kind} at call ${call}: ${error}`, { cause: error })
    }
    if (injected.struck === 0) return call - 1
  }
}
