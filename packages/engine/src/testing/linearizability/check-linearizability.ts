import type { HistoryEntry, Specification } from './specification.js'

/** The first answer that no order explains. */
export interface NotLinearizable<State, Operation, Answer> {
  /** Where in the history the answer stands. */
  readonly at: number
  readonly operation: Operation
  readonly answer: Answer
  /** The states that were possible before it, over all orders that explain what came earlier. */
  readonly states: readonly State[]
}

/** A bit each in a mask. */
const OPEN_MAX = 30

interface OpenCall<Operation, Answer> {
  readonly operation: Operation
  readonly answer: Answer | undefined
}

/**
 * Searches for an order of the operations that explains every answer, without trying all orders: going through
 * the history, it keeps each state that is possible, with the open calls that have been carried out in it, and
 * carries calls out no sooner than an answer asks for. (Lowe, "Testing for linearizability", 2017.)
 *
 * @returns what cannot be explained, or undefined if all can.
 * @throws RangeError if more than 30 calls are open at once.
 */
export function checkLinearizability<State, Operation, Answer>(
  specification: Specification<State, Operation, Answer>,
  history: readonly HistoryEntry<Operation, Answer>[],
): NotLinearizable<State, Operation, Answer> | undefined {
  const answers = new Map(history.flatMap((entry) => ('answer' in entry ? [[entry.n, entry.answer]] : [])))
  const open: (OpenCall<Operation, Answer> | undefined)[] = []
  const slots = new Map<number, number>()
  let possible = new Possible<State>([[specification.initial, 0]])

  for (const [at, entry] of history.entries()) {
    if ('call' in entry) {
      const free = open.indexOf(undefined)
      const slot = free < 0 ? open.length : free
      if (slot === OPEN_MAX) throw new RangeError(`More than ${OPEN_MAX} calls are open at once.`)
      open[slot] = { operation: entry.call, answer: answers.get(entry.n) }
      slots.set(entry.n, slot)
    } else if ('answer' in entry) {
      const slot = slots.get(entry.n)
      if (slot === undefined) throw new RangeError(`Answer ${entry.n} has no call before it.`)
      const { operation } = open[slot]!
      const before = possible
      possible = carryOut(specification, before, open, slot)
      if (possible.isEmpty) return { at, operation, answer: entry.answer, states: before.states() }
      open[slot] = undefined
      slots.delete(entry.n)
    } else {
      possible = new Possible(
        carryOutAny(specification, possible, open)
          .states()
          .map((state) => [state, 0]),
      )
      open.length = 0
      slots.clear()
    }
  }
  return undefined
}

/** States, each with sets of the open calls that were carried out on the way to it. */
class Possible<State> implements Iterable<readonly [State, number]> {
  readonly #masks = new Map<State, Set<number>>()

  constructor(pairs: Iterable<readonly [State, number]> = []) {
    for (const [state, mask] of pairs) this.add(state, mask)
  }

  /** Answers whether it is new. */
  add(state: State, mask: number): boolean {
    const masks = this.#masks.get(state)
    if (masks === undefined) this.#masks.set(state, new Set([mask]))
    else if (masks.has(mask)) return false
    else masks.add(mask)
    return true
  }

  get isEmpty(): boolean {
    return this.#masks.size === 0
  }

  states(): State[] {
    return [...this.#masks.keys()]
  }

  *[Symbol.iterator](): Generator<readonly [State, number]> {
    for (const [state, masks] of this.#masks) for (const mask of masks) yield [state, mask]
  }
}

type Open<Operation, Answer> = readonly (OpenCall<Operation, Answer> | undefined)[]

/** All that is possible once the call in this slot has been carried out, with others before it or not. */
function carryOut<State, Operation, Answer>(
  specification: Specification<State, Operation, Answer>,
  possible: Possible<State>,
  open: Open<Operation, Answer>,
  slot: number,
): Possible<State> {
  const bit = 1 << slot
  const done = new Possible<State>()
  const seen = new Possible<State>()
  const waiting: (readonly [State, number])[] = [...possible]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [state, mask] = next
    if (!seen.add(state, mask)) continue
    if ((mask & bit) !== 0) done.add(state, mask & ~bit)
    else waiting.push(...successors(specification, state, mask, open))
  }
  return done
}

/** All that is possible when any of the open calls have been carried out. */
function carryOutAny<State, Operation, Answer>(
  specification: Specification<State, Operation, Answer>,
  possible: Possible<State>,
  open: Open<Operation, Answer>,
): Possible<State> {
  const seen = new Possible<State>()
  const waiting: (readonly [State, number])[] = [...possible]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
    if (seen.add(next[0], next[1])) waiting.push(...successors(specification, next[0], next[1], open))
  return seen
}

function* successors<State, Operation, Answer>(
  specification: Specification<State, Operation, Answer>,
  state: State,
  mask: number,
  open: Open<Operation, Answer>,
): Generator<readonly [State, number]> {
  for (const [slot, call] of open.entries()) {
    if (call === undefined || (mask & (1 << slot)) !== 0) continue
    const after = specification.apply(state, call.operation, call.answer)
    if (after !== 'impossible') yield [after, mask | (1 << slot)]
  }
}
