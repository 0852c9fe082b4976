import type { Draft } from '../catalog/draft.js'
import {
  afterAllUnder,
  allEvents,
  allSubscriptions,
  type EventFamily,
  eventKey,
  eventNumberOf,
  eventsOf,
  eventTargetOf,
  subscriberOf,
} from '../catalog/keys.js'
import type { BucketRecord } from '../catalog/records/bucket-record.js'
import { encodeEventGap } from '../catalog/records/event-record.js'
import { decodeSubscription, type SubscriptionRecord } from '../catalog/records/subscription-record.js'
import { rowsUnder } from '../catalog/scan.js'
import type { EventTargetOptions } from '../contract/events.js'
import { EngineError, engineClosed } from '../errors.js'
import type { Awaitable, KvStore, Row } from '../kv/kv.js'
import { limits } from '../limits.js'
import { formatEventArn, parseEventArn } from '../rules/events/event-arn.js'
import { type EventRule, type EventRules, toEventRule } from '../rules/events/event-rules.js'
import { Backlog, type BacklogBounds } from './backlog.js'
import { NotificationRules } from './notification-rules.js'
import { removeRows } from './remove-rows.js'
import { isReplicationQueue } from './replication-queue.js'

/** What a commit calls when it is over. */
export type Settle = (outcome: 'committed' | 'absent' | 'unknown') => void

const nothingPlaced: Settle = () => {}
/** More rows that tell of dropped events are folded. */
const GAP_ROWS_MAX = 1_000

/** A subscriber's backlog, and a listener's, which no restart outlives. Targets are called by their ARNs. */
export const subscriberTarget = (subscriber: string): string => `subscriber:${subscriber}`
export const listenerTarget = (id: string): string => `listener:${id}`
export const isListener = (target: string): boolean => target.startsWith('listener:')
export const isSubscriber = (target: string): boolean => target.startsWith('subscriber:')

/** What callers call it by. */
export const nameOfTarget = (target: string): string => target.replace(/^(subscriber|listener):/, '')

/**
 * What commits add so that others learn of them: events as rows, one for each target whose rule matches, in the commit of the
 * change itself. It holds no event. It knows which rules there are, gives the rows their numbers, and counts what waits.
 *
 * One process owns a store, and with it everything that is delivered from it: no row has to say who is delivering it, for
 * whoever did so in an earlier open is gone.
 */
export class Outbox {
  readonly #kv: KvStore
  readonly #targets = new Map<string, EventTargetOptions>()
  readonly #backlogs = new Map<string, Backlog>()
  readonly #subscriptions = new Map<string, EventRule>()
  #subscriptionRules: EventRules | undefined
  readonly #notificationRules: NotificationRules
  /** Called, again and again, while many rows tell of events that were dropped. */
  onManyGaps: ((backlog: Backlog) => void) | undefined
  /** Names under which somebody is listening. */
  readonly listening = new Set<string>()
  readonly #closed = new AbortController()
  /** What is to be written down, before the store is closed, of what readers have acknowledged. */
  readonly acknowledging = new Set<{ stop(): Promise<void> }>()
  /** Grows for as long as any event waits; of events that are gone nothing has to remember the number. */
  #nextNumber = 1

  private constructor(kv: KvStore) {
    this.#kv = kv
    this.#notificationRules = new NotificationRules(kv)
  }

  /** @throws {TypeError} for targets whose ARNs are none, or twice the same. */
  static async open(kv: KvStore, targets: readonly EventTargetOptions[]): Promise<Outbox> {
    const outbox = new Outbox(kv)
    for (const options of targets) outbox.#addTarget(options)
    await outbox.#recover()
    return outbox
  }

  #addTarget(options: EventTargetOptions): void {
    const parsed = parseEventArn(options.arn)
    if (parsed === undefined) throw new TypeError(`"${options.arn}" is no ARN of an event target.`)
    const arn = formatEventArn(parsed)
    if (this.#targets.has(arn)) throw new TypeError(`There are two event targets "${arn}".`)
    this.#targets.set(arn, options)
    this.backlog(arn)
  }

  /** Counts what an earlier open has left. Listeners went with their process. */
  async #recover(): Promise<void> {
    for await (const row of rowsUnder(this.#kv, allSubscriptions()))
      this.remember(subscriberOf(row.key), decodeSubscription(row.value))
    const forgotten: Uint8Array[] = []
    for (const family of ['waiting', 'dead', 'gap'] as const)
      for await (const { key } of rowsUnder(this.#kv, allEvents(family))) {
        const target = eventTargetOf(key)
        this.#nextNumber = Math.max(this.#nextNumber, eventNumberOf(key) + 1)
        if (isListener(target)) forgotten.push(key)
        else this.#count(target, family)
      }
    await removeRows(this.#kv, forgotten)
  }

  #count(target: string, family: EventFamily): void {
    const backlog = this.backlog(target)
    if (family === 'waiting') backlog.waiting++
    if (family === 'dead') backlog.deadLetters++
    if (family === 'gap') backlog.gapRows++
  }

  #noteGap(backlog: Backlog): void {
    backlog.gapRows++
    backlog.wake()
    if (backlog.gapRows >= GAP_ROWS_MAX) this.onManyGaps?.(backlog)
  }

  /** What has waited longest for a target. What has gone before it is not gone through again. */
  async findOldest(target: string): Promise<Row | undefined> {
    const backlog = this.backlog(target)
    // Commits that are under way may yet write what comes before what is there.
    const { settledBelow } = backlog
    const from = eventKey('waiting', target, backlog.oldest)
    const { rows } = await this.#kv.scan({ from, to: afterAllUnder(eventsOf('waiting', target)), limit: 1 })
    const [row] = rows
    if (row !== undefined) backlog.oldest = Math.min(eventNumberOf(row.key), settledBelow)
    return row
  }

  /** No row has a greater number. */
  get lastNumber(): number {
    return this.#nextNumber - 1
  }

  /** Fires when the engine closes: whoever waits for events stops. */
  get closed(): AbortSignal {
    return this.#closed.signal
  }

  async close(): Promise<void> {
    this.#closed.abort(engineClosed())
    await Promise.all([...this.acknowledging].map((each) => each.stop()))
  }

  /** The target of this ARN, as the engine was given it. */
  findTarget(arn: string): EventTargetOptions | undefined {
    return this.#targets.get(arn)
  }

  get targets(): ReadonlyMap<string, EventTargetOptions> {
    return this.#targets
  }

  get backlogs(): Iterable<Backlog> {
    return this.#backlogs.values()
  }

  backlog(target: string): Backlog {
    let backlog = this.#backlogs.get(target)
    if (backlog === undefined) {
      backlog = new Backlog(target, this.#boundsOf(target))
      this.#backlogs.set(target, backlog)
    }
    return backlog
  }

  /** What waits for a target that is not configured any more must not stop writes that nobody could set free. */
  #boundsOf(target: string): BacklogBounds {
    // A target that is down must neither stop writes nor lose any.
    if (isReplicationQueue(target)) return { backlogMax: Number.POSITIVE_INFINITY, whenFull: 'block' }
    const options = this.#targets.get(target)
    return {
      backlogMax: options?.backlogMax ?? limits.eventBacklogMaxDefault,
      whenFull: options === undefined ? 'drop' : (options.whenFull ?? 'block'),
    }
  }

  /** From now on commits write events for this subscriber. */
  remember(subscriber: string, { filter, bucket, ...bounds }: SubscriptionRecord): void {
    const target = subscriberTarget(subscriber)
    this.#subscribe(toEventRule(target, filter, bucket))
    this.backlog(target).bounds = bounds
  }

  /** The same for a listener, of which nothing is written down but its events. */
  rememberListener(rule: EventRule): void {
    this.#subscribe(rule)
    this.backlog(rule.target).bounds = { backlogMax: limits.subscriberBacklogMaxDefault, whenFull: 'drop' }
  }

  #subscribe(rule: EventRule): void {
    this.#subscriptions.set(rule.target, rule)
    this.#subscriptionRules = [...this.#subscriptions.values()]
  }

  /** Commits write no more events for it. Those that are there are the caller's to remove. */
  unsubscribe(target: string): void {
    this.#subscriptions.delete(target)
    this.#subscriptionRules = this.#subscriptions.size === 0 ? undefined : [...this.#subscriptions.values()]
  }

  get subscriptionCount(): number {
    return this.#subscriptions.size
  }

  /** Whether this engine was given the target, or somebody asks for events under the name. */
  isAsked(target: string): boolean {
    return this.#targets.has(target) || this.#subscriptions.has(target)
  }

  forget(target: string): void {
    this.#backlogs.delete(target)
  }

  /** What is asked of changes in no bucket's configuration. */
  get subscriptionRules(): EventRules | undefined {
    return this.#subscriptionRules
  }

  /**
   * What is to be told of changes in this bucket. At once and for nothing where nobody asks. The bucket's record is checked by
   * the commit, and its token changes with the configuration: rules that are remembered under it are those that hold.
   */
  rulesOf(bucket: BucketRecord): Awaitable<EventRules | undefined> {
    const configured = this.#notificationRules.of(bucket)
    return configured instanceof Promise
      ? configured.then((rules) => this.#joined(rules))
      : this.#joined(configured)
  }

  #joined(configured: EventRules | undefined): EventRules | undefined {
    const asked = this.#subscriptionRules
    return configured === undefined || asked === undefined ? (configured ?? asked) : [...configured, ...asked]
  }

  /**
   * Adds an event to a change.
   *
   * @throws {@link EngineError} `EventBacklogFull`, where the target has no room and would rather have the write refused.
   */
  add(draft: Draft, target: string, value: Uint8Array, nowMs: number): void {
    const backlog = this.backlog(target)
    if (!backlog.isFull) {
      draft.addEvent({ family: 'waiting', target, value })
      return
    }
    if (backlog.bounds.whenFull === 'block') throw backlogFull(target, backlog.bounds.backlogMax)
    draft.addEvent({ family: 'gap', target, value: encodeEventGap({ fromMs: nowMs, toMs: nowMs, count: 1 }) })
  }

  /**
   * Gives the draft's events their rows, in the moment before it is carried out: numbers are in the order in which commits
   * reach the store. Whoever calls it says how the commit ended.
   */
  place(draft: Draft): Settle {
    const events = draft.takeEvents()
    if (events === undefined) return nothingPlaced
    const placed: { backlog: Backlog; number: number; isWaiting: boolean }[] = []
    for (const { family, target, value } of events) {
      // Who listened has left since it was decided.
      if (isListener(target) && !this.#subscriptions.has(target)) continue
      const number = this.#nextNumber++
      draft.put(eventKey(family, target, number), value)
      const backlog = this.backlog(target)
      const isWaiting = family === 'waiting'
      if (isWaiting) backlog.place(number)
      placed.push({ backlog, number, isWaiting })
    }
    return (outcome) => {
      for (const { backlog, number, isWaiting } of placed) {
        if (isWaiting) backlog.settle(number, outcome)
        else if (outcome !== 'absent') this.#noteGap(backlog)
      }
    }
  }
}

function backlogFull(target: string, backlogMax: number): EngineError<'EventBacklogFull'> {
  const message = `${backlogMax} events wait for "${target}", which is all that may. Nothing was written.`
  return new EngineError('EventBacklogFull', message, { target, backlogMax })
}
