/**
 * A name that holds at most one value at a time: an object, a bucket, a part. What it may hold follows from what
 * was asked of it and what was answered, whatever order concurrent changes were carried out in.
 */

/** What identifies what is there (for an object its ETag); undefined: nothing is there. */
export type Value = string | undefined

/** `'pending'`: no answer yet, or never, because the process died. `'refused'`: certainly not carried out. */
export type Outcome = 'pending' | 'acknowledged' | 'unknown' | 'refused'

/** One change asked of a register. Times are places in the order of events. */
export interface Attempt {
  readonly begun: number
  ended?: number
  outcome: Outcome
  /** What it writes; or, until that is known, the register that it copies. */
  wrote: { readonly value: Value } | { readonly copyOf: string }
}

/** What a register may ever have held. */
export type Resolve = (name: string) => ReadonlySet<Value>

export class Register {
  readonly #initial: Value
  readonly #attempts: Attempt[]

  constructor(initial?: Value, attempts: readonly Attempt[] = []) {
    this.#initial = initial
    this.#attempts = [...attempts]
  }

  copy(): Register {
    return new Register(
      this.#initial,
      this.#attempts.map((attempt) => ({ ...attempt })),
    )
  }

  add(attempt: Attempt): void {
    this.#attempts.push(attempt)
  }

  everPossible(resolve: Resolve): Set<Value> {
    const all = new Set([this.#initial])
    for (const attempt of this.#attempts)
      if (attempt.outcome !== 'refused') for (const value of valuesOf(attempt, resolve)) all.add(value)
    return all
  }

  /**
   * What a look may find that began and ended when it did: the value of any change begun before its end, unless
   * another change began after that one's end and was acknowledged before the look began.
   */
  possible(look: { readonly begun: number; readonly ended: number }, resolve: Resolve): Set<Value> {
    const found = new Set<Value>()
    if (!this.#isSuperseded({ ended: -1, outcome: 'acknowledged' }, look)) found.add(this.#initial)
    for (const attempt of this.#attempts) {
      if (attempt.outcome === 'refused' || attempt.begun > look.ended) continue
      if (this.#isSuperseded(attempt, look)) continue
      for (const value of valuesOf(attempt, resolve)) found.add(value)
    }
    return found
  }

  #isSuperseded(
    { ended, outcome }: Pick<Attempt, 'ended' | 'outcome'>,
    look: { readonly begun: number },
  ): boolean {
    if (outcome === 'pending') return false
    return this.#attempts.some(
      (later) =>
        later.outcome === 'acknowledged' &&
        later.begun > ended! &&
        later.ended! < look.begun &&
        // Deleting what is not there writes nothing, and so cannot keep back a write of unknown outcome.
        !(outcome === 'unknown' && 'value' in later.wrote && later.wrote.value === undefined),
    )
  }
}

function valuesOf({ wrote }: Attempt, resolve: Resolve): ReadonlySet<Value> {
  if ('value' in wrote) return new Set([wrote.value])
  const any = new Set(resolve(wrote.copyOf))
  any.delete(undefined)
  return any
}
