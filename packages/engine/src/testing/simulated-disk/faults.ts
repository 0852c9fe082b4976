export type DiskOperation =
  | 'open'
  | 'read'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'size'
  | 'close'
  | 'rename'
  | 'unlink'
  | 'makeDirectory'
  | 'removeDirectory'
  | 'list'
  | 'syncDirectory'
  | 'sizeOf'
  | 'space'

/** One call of the disk. They are numbered from 1, in the order in which they were made. */
export interface DiskCall {
  readonly number: number
  readonly operation: DiskOperation
  /** Of a renaming: the old name. */
  readonly path: string
}

/**
 * What may befall a call.
 *
 * - `error`: it fails with the code, nothing done. A `sync` loses pages as on Linux: they are called clean and still
 *   shown, but some never reach the disk, and a later sync succeeds without them. A `close` closes all the same.
 * - `partial`: it fails with the code, some of it done: of a write any number of its bytes, anything else wholly or
 *   not at all.
 * - `lie`: it says that it was done, and was not. For calls that answer nothing.
 * - `flip`: one bit of what a read gives is wrong, this time. Other calls are not touched.
 * - `power-cut`: the power goes while it is under way. It may have done all, some or nothing; this call and all
 *   after it fail. See {@link SimulatedDisk.crash}.
 */
export type DiskFault =
  | { readonly kind: 'error' | 'partial'; readonly code: string }
  | { readonly kind: 'lie' | 'flip' | 'power-cut' }

export interface FaultPlan {
  /** The number of the call that is struck. */
  readonly at?: number
  /** Which calls are struck. With `at` too, both must hold. */
  readonly when?: (call: DiskCall) => boolean
  /** How many calls at most. @defaultValue 1 */
  readonly times?: number
  readonly fault: DiskFault
}

export interface InjectedFault {
  /** How many calls it has struck. */
  readonly struck: number
  remove(): void
}

export class Faults {
  readonly #plans = new Set<FaultPlan & { struck: number; remove(): void }>()

  inject(plan: FaultPlan): InjectedFault {
    const injected = { ...plan, struck: 0, remove: () => void this.#plans.delete(injected) }
    this.#plans.add(injected)
    return injected
  }

  strike(call: DiskCall): DiskFault | undefined {
    for (const plan of this.#plans) {
      if (plan.struck >= (plan.times ?? 1)) continue
      if (plan.at !== undefined && plan.at !== call.number) continue
      if (plan.when !== undefined && !plan.when(call)) continue
      plan.struck++
      return plan.fault
    }
    return undefined
  }
}
