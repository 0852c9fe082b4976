import { isEngineError } from '../../errors.js'
import type { Violation } from '../violation.js'
import type { Effect, HistoryEvent } from './events.js'
import { type Attempt, Register, type Value } from './register.js'

/** From one event to another. */
interface Stretch {
  readonly begun: number
  readonly ended: number
}

interface Look {
  readonly begun: number
  readonly name: string
}

/**
 * What a workload asked for, and what it was told: enough to say later what may be found and what may not. Each
 * object, bucket, upload and part is a register of its own. Names of registers that are listed together begin
 * alike.
 *
 * It is kept in the order of events alone, so it needs no clock; with `write` every event is handed on as a line of
 * JSON as it happens, and {@link add} takes such events in again, for example in the parent of a process that was
 * killed.
 */
export class History {
  readonly #write: ((line: string) => void) | undefined
  #registers = new Map<string, Register>()
  readonly #pending = new Map<number, Attempt[]>()
  readonly #looks = new Map<number, Look>()
  readonly #md5s = new Map<string, string>()
  readonly #seen: Violation[] = []
  #now = 0
  #next = 1

  constructor({ write }: { write?: (line: string) => void } = {}) {
    this.#write = write
  }

  /** Asks for a change and writes down what came of it. What it throws is thrown on. */
  async change<T>(
    effects: readonly Effect[],
    act: () => Promise<T>,
    valueIn?: (result: T) => string,
  ): Promise<T> {
    const n = this.#next++
    this.#event({ n, begin: effects })
    try {
      const result = await act()
      this.#event({ n, end: 'acknowledged', ...(valueIn && { value: valueIn(result) }) })
      return result
    } catch (error) {
      this.#event({ n, end: outcomeOf(error) })
      throw error
    }
  }

  /** Looks at a register, or with a name that ends in `*` at all that begin so; what it throws is thrown on. */
  async look<T>(
    name: string,
    act: () => Promise<T>,
    seenIn: (result: T) => Value | null | { [name: string]: string },
  ): Promise<T> {
    const n = this.#next++
    this.#event({ n, look: name })
    const result = await act()
    this.#event({ n, saw: seenIn(result) ?? null })
    return result
  }

  /** Takes in events that another process wrote. Its changes without an answer stay pending for good. */
  add(events: readonly HistoryEvent[]): void {
    this.#pending.clear()
    this.#looks.clear()
    for (const event of events) this.#take(event)
    this.#pending.clear()
    this.#looks.clear()
  }

  /** The names of all registers that something was ever asked of. */
  names(): string[] {
    return [...this.#registers.keys()]
  }

  knows(name: string): boolean {
    return this.#registers.has(name)
  }

  /** Whether this may be found in a register now, nothing being under way. */
  mayHold(name: string, value: Value): boolean {
    return this.#possible(name, this.#atRest).has(value)
  }

  /** Whether it may have been held at any time that is still remembered. */
  everHeld(name: string, value: Value): boolean {
    return this.#everPossible(name).has(value)
  }

  /** The MD5 of the bytes that an ETag stands for, where it was told. */
  md5Of(etag: string): string | undefined {
    return this.#md5s.get(etag)
  }

  /** What is wrong with a register's being found like that, nothing being under way; undefined if nothing is. */
  judge(name: string, value: Value): Violation | undefined {
    return this.#judge(name, value, this.#atRest)
  }

  get #atRest(): Stretch {
    return { begun: this.#now + 1, ended: this.#now + 1 }
  }

  /**
   * All was looked at while nothing was under way, and this is what was found. From here on it is a fact, and what
   * was unknown has been decided; what led to it is forgotten.
   */
  settle(facts: ReadonlyMap<string, string>): void {
    this.#registers = new Map([...facts].map(([name, value]) => [name, new Register(value)]))
    const held = new Set(facts.values())
    for (const etag of this.#md5s.keys()) if (!held.has(etag)) this.#md5s.delete(etag)
  }

  /** A history that goes its own way from here. Nothing may be under way. */
  copy(): History {
    const copy = new History()
    copy.#now = this.#now
    for (const [name, register] of this.#registers) copy.#registers.set(name, register.copy())
    for (const [etag, md5] of this.#md5s) copy.#md5s.set(etag, md5)
    return copy
  }

  /** What was wrong with what was seen along the way; each is told once. */
  takeViolations(): Violation[] {
    return this.#seen.splice(0)
  }

  #event(event: HistoryEvent): void {
    this.#write?.(`${JSON.stringify(event)}\n`)
    this.#take(event)
  }

  #take(event: HistoryEvent): void {
    const now = ++this.#now
    if ('begin' in event) this.#begin(event.n, event.begin, now)
    else if ('end' in event) this.#end(event.n, event.end, event.value, now)
    else if ('look' in event) this.#looks.set(event.n, { begun: now, name: event.look })
    else this.#saw(event.n, event.saw, now)
  }

  #begin(n: number, effects: readonly Effect[], begun: number): void {
    const attempts = effects.map((effect): Attempt => {
      if ('put' in effect && effect.md5 !== undefined) this.#md5s.set(effect.put, effect.md5)
      const wrote =
        'copy' in effect ? { copyOf: effect.copy } : { value: 'put' in effect ? effect.put : undefined }
      const attempt: Attempt = { begun, outcome: 'pending', wrote }
      this.#register(effect.on).add(attempt)
      return attempt
    })
    this.#pending.set(n, attempts)
  }

  #end(n: number, outcome: Attempt['outcome'], value: string | undefined, ended: number): void {
    for (const attempt of this.#pending.get(n) ?? []) {
      attempt.ended = ended
      attempt.outcome = outcome
      if (value !== undefined && 'copyOf' in attempt.wrote) attempt.wrote = { value }
    }
    this.#pending.delete(n)
  }

  #saw(n: number, saw: Value | null | { readonly [name: string]: string }, ended: number): void {
    const look = this.#looks.get(n)
    if (look === undefined) return
    this.#looks.delete(n)
    const { begun, name } = look
    const judge = (register: string, value: Value) => {
      const wrong = this.#judge(register, value, { begun, ended })
      if (wrong !== undefined) this.#seen.push(wrong)
    }
    if (typeof saw !== 'object' || saw === null) {
      judge(name, saw ?? undefined)
      return
    }
    const prefix = name.slice(0, -1)
    for (const known of this.#registers.keys())
      if (known.startsWith(prefix) && !(known in saw)) judge(known, undefined)
    for (const [found, value] of Object.entries(saw)) judge(found, value)
  }

  #judge(name: string, value: Value, look: Stretch): Violation | undefined {
    const possible = this.#possible(name, look)
    if (possible.has(value)) return undefined
    const wanted = [...possible].map((each) => each ?? 'nothing').join(' or ')
    const what = `${name} holds ${value ?? 'nothing'}, not ${wanted}`
    if (value === undefined) return { rule: 'lost', what }
    if (!this.#everPossible(name).has(value)) return { rule: 'nobody-wrote', what }
    return { rule: possible.size === 1 && possible.has(undefined) ? 'resurrected' : 'stale', what }
  }

  #possible(name: string, look: Stretch): Set<Value> {
    return this.#register(name).possible(look, (source) => this.#everPossible(source))
  }

  /** Copies that go round in a circle add nothing to each other. */
  #everPossible(name: string, asked: ReadonlySet<string> = new Set()): Set<Value> {
    if (asked.has(name)) return new Set()
    const all = new Set(asked).add(name)
    return this.#register(name).everPossible((source) => this.#everPossible(source, all))
  }

  #register(name: string): Register {
    const known = this.#registers.get(name)
    if (known !== undefined) return known
    const register = new Register()
    this.#registers.set(name, register)
    return register
  }
}

/** Refused: S3's own errors, and what certainly was not written. Whatever else may have been carried out. */
function outcomeOf(error: unknown): 'refused' | 'unknown' {
  if (!isEngineError(error) || isEngineError(error, 'EngineClosed')) return 'unknown'
  if (isEngineError(error, 'StorageUnavailable'))
    return error.details.outcome === 'absent' ? 'refused' : 'unknown'
  return 'refused'
}
