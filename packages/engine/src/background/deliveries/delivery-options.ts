import type { EngineEvent, EventTargetOptions } from '../../contract/events.js'
import type { Row } from '../../kv/kv.js'
import { limits } from '../../limits.js'

// biome-ignore lint/suspicious/noConfusingVoidType: what targets of events answer.
export type Taken = void | 'removed' | 'unasked'

/** Who is given what waits in a backlog. */
export interface Carrier {
  /**
   * Takes one. What is rejected is tried again later.
   *
   * @param options.row That which waits. `'removed'`: it has gone already, by a commit of the carrier's own. `'unasked'`: there was nothing to
   * do, which says nothing of whoever takes the others.
   */
  deliver(event: EngineEvent, options: { readonly signal: AbortSignal; readonly row: Row }): Promise<Taken>
  close?(): Promise<void>
}

export interface DeliveryOptions {
  readonly carrier: Carrier
  readonly concurrency: number
  /** What an event is about: those of one such thing go one after the other, and wait for each other. @defaultValue its key */
  readonly subjectOf?: (event: EngineEvent) => string
  /** How long one may take; `Infinity` where the carrier knows by itself when to give up. */
  readonly timeoutMs: number
  readonly attemptsMax: number
  readonly retryForMs: number
  readonly retryDelayMs: number
  /** No try waits longer for the next. */
  readonly retryDelayMaxMs: number
  /** While nothing at all is taken, it is tried at least this often. */
  readonly pauseMaxMs: number
  /** Few may be open to begin with: of what is told twice after a crash, somebody may care. */
  readonly beginsSlowly: boolean
  /**
   * For how long at most it is left alone where a failure says that nothing would be taken: nothing is held against what was tried then.
   * Undefined for a failure that says no such thing.
   */
  readonly pauseFor?: (error: unknown) => number | undefined
  /** How many have been taken by whoever takes these, be it from another backlog. */
  readonly countTaken?: () => number
  /** Told of each failure that is held against what was tried. Never rejects. */
  readonly onFailure?: (event: EngineEvent) => Promise<void>
}

/** Of a target of events, as it was given to the engine. */
export const eventDelivery = (options: EventTargetOptions): DeliveryOptions => ({
  carrier: options.target,
  concurrency: options.concurrency ?? limits.eventConcurrencyDefault,
  timeoutMs: options.timeoutMs ?? limits.eventTimeoutMsDefault,
  attemptsMax: options.attemptsMax ?? limits.eventAttemptsMaxDefault,
  retryForMs: options.retryForMs ?? limits.eventRetryForMsDefault,
  retryDelayMs: options.retryDelayMs ?? limits.eventRetryDelayMsDefault,
  retryDelayMaxMs: limits.eventRetryDelayMaxMs,
  pauseMaxMs: limits.eventTargetPauseMaxMs,
  beginsSlowly: true,
})
