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
  /** More than one where the change copied what could have been any of several. */
  values(): ReadonlySet<Value>
}

export class Register {
  #attempts: Attempt[] = []
  #initial: Value

  constructor(initial?: Value) {
    this.#initial = initial
  }

  add(attempt: Attempt): void {
    this.#attempts.push(attempt)
  }

  /** The register was seen to hold this when nothing was under way: from here on it is a fact. */
  settle(value: Value): void {
    this.#attempts = []
    this.#initial = value
  }

  /** Every value it could ever have held since it was settled. */
  everPossible(): Set<Value> {
    const all = new Set([this.#initial])
    for (const attempt of this.#attempts)
      if (attempt.outcome !== 'refused') for (const value of attempt.values()) all.add(value)
    return all
  }

  /**
   * What a look may find that began and ended when it did: the value of any change begun before its end, unless
   * another change began after that one's end and was acknowledged before the look began.
   */
  possible(look: { readonly begun: number; readonly ended: number }): Set<Value> {
    const found = new Set<Value>()
    const superseded = (ended: number, isUnknown: boolean) =>
      this.#attempts.some(
        (later) =>
          later.outcome === 'acknowledged' &&
          later.begun > ended &&
          later.ended! < look.begun &&
          // Deleting what is not there writes nothing, and so cannot keep back a write of unknown outcome.
          !(isUnknown && later.values().has(undefined)),
      )
    if (!superseded(-1, false)) found.add(this.#initial)
    for (const attempt of this.#attempts) {
      if (attempt.outcome === 'refused' || attempt.begun > look.ended) continue
      const ended = attempt.outcome === 'pending' ? Number.POSITIVE_INFINITY : attempt.ended!
      if (superseded(ended, attempt.outcome === 'unknown')) continue
      for (const value of attempt.values()) found.add(value)
    }
    return found
  }
}
