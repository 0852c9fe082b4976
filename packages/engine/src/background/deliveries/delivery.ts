import { setMaxListeners } from 'node:events'
import createDebug from 'debug'
import { Draft } from '../../catalog/draft.js'
import { eventKey, eventNumberOf } from '../../catalog/keys.js'
import { type EventRecord, encodeEvent } from '../../catalog/records/event-record.js'
import type { EngineEvent, EventTargetStatus } from '../../contract/events.js'
import type { Row } from '../../kv/kv.js'
import { limits } from '../../limits.js'
import { Acknowledgements } from '../../outbox/acknowledgements.js'
import type { Backlog } from '../../outbox/backlog.js'
import { BacklogReader } from '../../outbox/backlog-reader.js'
import { readEvent } from '../../outbox/to-event.js'
import { within } from '../../outbox/within.js'
import type { Works } from '../../works.js'
import type { DeliveryOptions, Taken } from './delivery-options.js'
import { Lanes } from './lanes.js'
import { Patience } from './patience.js'
import { retryDelayMs } from './retry-delay.js'
import { Window } from './window.js'

const debug = createDebug('aquifer:events')

/** Events given to the target and not yet removed, for each that may be under way. */
const OPEN_FOR_EACH = 4
/** How long a carrier that knows by itself when to give up may take for that. */
const LET_GO_MS = 1_000

/** An event under way to its target. */
interface Parcel {
  readonly row: Row
  readonly number: number
  readonly key: string
  readonly event: EngineEvent
  readonly record: EventRecord
  /** So many had been taken when it failed for the target's sake last. */
  takenThen?: number
}

/**
 * Takes one target its events: those of a key one after the other, several keys at a time. What fails is tried again later,
 * and the events of its key wait behind it while others go on; a target that takes nothing at all is left alone for longer
 * and longer, up to a minute. What fails too often is put among the dead letters.
 */
export class Delivery {
  readonly #works: Works
  readonly #backlog: Backlog
  readonly #options: DeliveryOptions
  readonly #reader: BacklogReader
  readonly #acknowledgements: Acknowledgements
  readonly #lanes: Lanes<Parcel>
  readonly #window: Window
  readonly #patience: Patience
  readonly #stopping = new AbortController()
  readonly #cut = new AbortController()
  /** So many the carrier has in hand, be they cut or not. */
  #given = 0
  /** Called when it has none. */
  #letGo: (() => void) | undefined
  #running: Promise<void> | undefined
  #lastError: EventTargetStatus['lastError']

  constructor(works: Works, backlog: Backlog, options: DeliveryOptions) {
    this.#works = works
    this.#backlog = backlog
    this.#options = options
    // Each that is under way listens.
    setMaxListeners(0, this.#cut.signal)
    this.#reader = new BacklogReader(works.kv, backlog)
    this.#window = new Window(OPEN_FOR_EACH * options.concurrency, options)
    this.#acknowledgements = new Acknowledgements(works.kv, backlog, this.#reader, () =>
      this.#window.leave({ isRemoved: true }),
    )
    this.#lanes = new Lanes(options.concurrency, (parcel) => this.#take(parcel))
    this.#patience = new Patience({
      ...options,
      tellsWhenDown: options.pauseFor !== undefined,
      retry: (number) => this.#reader.rewind(number),
      signal: this.#stopping.signal,
    })
  }

  get lastError(): EventTargetStatus['lastError'] {
    return this.#lastError
  }

  start(): void {
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        for await (const row of this.#reader.rows(signal)) await this.#accept(row)
      } catch (error) {
        debug('the backlog of %s could not be read: %o', this.#backlog.target, error)
        await this.#patience.rest(limits.eventRetryDelayMsDefault)
        this.#reader.rewind(0)
      }
    }
  }

  async #accept(row: Row): Promise<void> {
    const number = eventNumberOf(row.key)
    const { event, record } = readEvent(row)
    const key = this.#options.subjectOf?.(event) ?? `${record.bucket}\0${record.key}`
    await this.#lanes.add(key, { row, number, key, event, record })
  }

  /** One of a lane, whose turn it is. */
  async #take(parcel: Parcel): Promise<void> {
    const { number, key } = parcel
    for (;;) {
      await this.#patience.whileTargetRests()
      await this.#window.enter()
      if (this.#stopping.signal.aborted || this.#patience.isWaiting(key, number)) {
        this.#window.leave({ isRemoved: false })
        this.#patience.untried()
        this.#reader.release(number)
        return
      }
      let taken: Taken
      try {
        taken = await within(this.#options.timeoutMs, this.#cut.signal, (signal) =>
          this.#give(parcel, signal),
        )
      } catch (error) {
        this.#window.leave({ isRemoved: false })
        if ((await this.#fail(parcel, error)) === 'over') return
        continue
      }
      this.#noteTaken(taken)
      if (taken === 'removed') this.#removed(number)
      else await this.#acknowledgements.add(parcel.row.key)
      return
    }
  }

  #noteTaken(taken: Taken): void {
    if (taken === 'unasked') {
      this.#patience.untried()
      return
    }
    this.#lastError = undefined
    this.#patience.succeeded()
  }

  async #give({ event, row }: Parcel, signal: AbortSignal): Promise<Taken> {
    this.#given++
    try {
      const taken = await this.#options.carrier.deliver(event, { signal, row })
      // Also where nobody waits for the answer any more: the row has gone all the same.
      if (taken === 'removed') this.#backlog.waiting--
      return taken
    } finally {
      if (--this.#given === 0) this.#letGo?.()
    }
  }

  #removed(number: number): void {
    this.#reader.done(number)
    this.#window.leave({ isRemoved: true })
  }

  /** `'again'`: the target is down, and this is what it is tried with when it has rested. */
  async #fail(parcel: Parcel, error: unknown): Promise<'over' | 'again'> {
    const { number, key } = parcel
    if (this.#cut.signal.aborted) {
      this.#reader.release(number)
      return 'over'
    }
    const { clock } = this.#works
    const nowMs = clock.now()
    const message = String(error instanceof Error ? error.message : error)
    const pauseMaxMs = this.#pauseFor(parcel, error)
    if (pauseMaxMs !== undefined) {
      const restMs = this.#patience.rests(pauseMaxMs)
      this.#lastError = { message, at: new Date(nowMs), nextTry: new Date(nowMs + restMs) }
      debug('%s takes nothing: %s', this.#backlog.target, message)
      return 'again'
    }
    const before = parcel.record.attempts
    const attempts = {
      count: (before?.count ?? 0) + 1,
      firstMs: before?.count ? before.firstMs : nowMs,
      revision: before?.revision ?? parcel.row.revision,
      error: message.slice(0, limits.eventTextMaxChars),
    }
    parcel.record.attempts = attempts
    const isGivenUp =
      attempts.count >= this.#options.attemptsMax ||
      (attempts.count > 1 && nowMs - attempts.firstMs >= this.#options.retryForMs)
    const delayMs = retryDelayMs(attempts.count, this.#options.retryDelayMs, this.#options.retryDelayMaxMs)
    const restMs = this.#patience.failed()
    const nextTry = new Date(nowMs + (restMs ?? delayMs))
    this.#lastError = { message: attempts.error, at: new Date(nowMs), nextTry }
    debug('%s did not take event %d: %s', this.#backlog.target, number, attempts.error)
    await this.#options.onFailure?.(parcel.event)
    await this.#write(parcel, isGivenUp)
    if (isGivenUp) return 'over'
    if (restMs !== undefined) return 'again'
    this.#patience.wait(key, number, delayMs)
    this.#reader.release(number)
    return 'over'
  }

  /**
   * Were others taken since it failed so before, it is not the target: a connection that breaks off at this one each time must not have
   * the others wait for it.
   */
  #pauseFor(parcel: Parcel, error: unknown): number | undefined {
    const pauseMaxMs = this.#options.pauseFor?.(error)
    if (pauseMaxMs === undefined) return undefined
    const taken = this.#options.countTaken?.()
    const { takenThen = taken } = parcel
    if (taken !== undefined) parcel.takenThen = taken
    return takenThen === taken ? pauseMaxMs : undefined
  }

  /** What is not written down is only counted anew after a crash. */
  async #write({ row, number, record }: Parcel, isGivenUp: boolean): Promise<void> {
    const draft = new Draft(this.#works.kv)
    draft.freesSpace = true
    const value = encodeEvent(record)
    if (isGivenUp) {
      draft.delete(row.key)
      draft.put(eventKey('dead', this.#backlog.target, number), value)
    } else {
      draft.put(row.key, value)
    }
    try {
      await this.#works.kv.commit(draft.toChange())
    } catch (error) {
      debug('a failed delivery could not be written down: %o', error)
      if (isGivenUp) this.#reader.release(number)
      return
    }
    if (!isGivenUp) return
    this.#backlog.waiting--
    this.#backlog.deadLetters++
    this.#reader.done(number)
  }

  /** What is under way may end, for a while; what has not even begun waits for the next open. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort()
    this.#window.close()
    this.#backlog.wake()
    const cut = setTimeout(() => this.#cut.abort(), graceMs)
    await this.#running
    await this.#lanes.end()
    clearTimeout(cut)
    if (this.#options.timeoutMs === Number.POSITIVE_INFINITY) await this.#untilLetGo()
    await this.#acknowledgements.stop()
    await this.#options.carrier.close?.()
  }

  /** What was cut may be in the midst of a commit of its own. Whoever heeds no signal is not waited for. */
  async #untilLetGo(): Promise<void> {
    if (this.#given === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LET_GO_MS)
      this.#letGo = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
