import createDebug from 'debug'
import type { EngineEvent } from '../../contract/events.js'
import type { ReplicationCounts, ReplicationTargetStatus } from '../../contract/replication.js'
import { isEngineError } from '../../errors.js'
import type { Row } from '../../kv/kv.js'
import { limits } from '../../limits.js'
import { replicationQueue } from '../../outbox/replication-queue.js'
import type { KnownTarget } from '../../replication/targets.js'
import { ReplicationError } from '../../replication-error.js'
import type { Courtesy } from '../../sync/courtesy.js'
import { Pace } from '../../sync/pace.js'
import { Turns } from '../../sync/turns.js'
import type { Works } from '../../works.js'
import { Delivery } from '../deliveries/delivery.js'
import type { DeliveryOptions, Taken } from '../deliveries/delivery-options.js'
import { carryVersion } from './carry-version.js'
import type { Carrying } from './carrying.js'
import { Lag } from './lag.js'
import { writeDownFailure } from './write-down.js'

const debug = createDebug('aquifer:replication')
/** Of what may be under way to a target, so much may be large, and so many versions: each has several parts under way. */
const LARGE_SHARE = 0.25
const LARGE_MAX = 8

/** What has been counted of a target since the engine was opened: it outlives what the target is reached by. */
export class LinkCounts {
  readonly lag = new Lag()
  completed: ReplicationCounts = { versions: 0, bytes: 0 }
  failed: ReplicationCounts = { versions: 0, bytes: 0 }
  isOnline = true
}

/** Whoever wants to know what becomes of the rows that it has put in line. */
export interface Watch {
  watch(event: EngineEvent, outcome: 'completed' | 'failed', bytes: number): void
}

/** One target, and what is under way to it: a delivery for each of its queues. */
export class Link {
  readonly #works: Works
  readonly #counts: LinkCounts
  readonly #watch: Watch
  readonly #deliveries: readonly Delivery[]
  /** Where one version may be under way it is of either queue: who has waited longer is next. */
  readonly #turns: Turns | undefined
  readonly #problem: ReplicationTargetStatus['lastError']

  constructor(
    works: Works,
    target: KnownTarget,
    { counts, watch, courtesy }: { counts: LinkCounts; watch: Watch; courtesy: Courtesy },
  ) {
    this.#works = works
    this.#counts = counts
    this.#watch = watch
    const { connection } = target
    counts.isOnline = typeof connection !== 'string'
    if (typeof connection === 'string') {
      const at = new Date(works.clock.now())
      this.#problem = { message: connection, at, nextTry: at }
      this.#deliveries = []
      return
    }
    const { bandwidthLimit, concurrency, keepsVersionIds } = target.record
    const pace = new Pace(bandwidthLimit === 0 ? Number.POSITIVE_INFINITY : bandwidthLimit, works.clock)
    const carrying: Carrying = { works, target, connection, pace, courtesy }
    if (concurrency === 1) this.#turns = new Turns()
    const large = Math.min(LARGE_MAX, Math.max(1, Math.floor(concurrency * LARGE_SHARE)))
    // Where ids are not kept all of it stands in the one line.
    const atATime = { small: keepsVersionIds ? Math.max(1, concurrency - large) : concurrency, large }
    this.#deliveries = (['small', 'large'] as const).map((queue) => {
      const backlog = works.outbox.backlog(replicationQueue(target.targetId, queue))
      return new Delivery(works, backlog, this.#optionsFor(carrying, atATime[queue]))
    })
  }

  #optionsFor(carrying: Carrying, concurrency: number): DeliveryOptions {
    return {
      carrier: { deliver: (event, options) => this.#carry(carrying, event, options) },
      concurrency,
      // Where ids are kept versions come in any order, and none waits for another: the news that one is locked, for which the target is to
      // have it again, may stand behind the removal of another that is refused here until its own news has come from there.
      ...(carrying.target.record.keepsVersionIds && { subjectOf: versionOf }),
      timeoutMs: Number.POSITIVE_INFINITY,
      // Time alone says that a version will never be taken: servers that come and go cut it off, and try anew, as often as they like.
      attemptsMax: Number.POSITIVE_INFINITY,
      retryForMs: limits.eventRetryForMsDefault,
      retryDelayMs: limits.eventRetryDelayMsDefault,
      retryDelayMaxMs: limits.replicationRetryDelayMaxMs,
      pauseMaxMs: limits.replicationPauseMaxMs,
      beginsSlowly: false,
      pauseFor: (error) => (isOfTheTarget(error) ? pauseFor(error) : undefined),
      countTaken: () => this.#counts.completed.versions,
      onFailure: (event) => this.#fail(carrying, event),
    }
  }

  async #carry(
    carrying: Carrying,
    event: EngineEvent,
    options: { readonly row: Row; readonly signal: AbortSignal },
  ): Promise<Taken> {
    using _turn = await this.#turns?.acquire(['the one under way'])
    options.signal.throwIfAborted()
    const counts = this.#counts
    try {
      const { isAsked, bytes, isRemoved } = await carryVersion(carrying, event, options)
      if (isAsked) {
        counts.isOnline = true
        counts.completed = plus(counts.completed, bytes)
        const nowMs = this.#works.clock.now()
        if (event.metadata?.resync === undefined) counts.lag.add(nowMs, nowMs - event.time.getTime())
      }
      this.#watch.watch(event, 'completed', bytes)
      if (isRemoved) return 'removed'
      return isAsked ? undefined : 'unasked'
    } catch (error) {
      if (!options.signal.aborted) counts.isOnline = !isUnreachable(error)
      throw error
    }
  }

  async #fail(carrying: Carrying, event: EngineEvent): Promise<void> {
    this.#counts.failed = plus(this.#counts.failed, 0)
    this.#watch.watch(event, 'failed', 0)
    try {
      await writeDownFailure(this.#works, carrying.target, event)
    } catch (error) {
      debug('that a version failed could not be written down: %o', error)
    }
  }

  get lastError(): ReplicationTargetStatus['lastError'] {
    const errors = this.#deliveries.flatMap(({ lastError }) => lastError ?? [])
    errors.sort((a, b) => b.at.getTime() - a.at.getTime())
    return this.#problem ?? errors[0]
  }

  start(): void {
    for (const delivery of this.#deliveries) delivery.start()
  }

  async stop(graceMs: number): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.stop(graceMs)))
  }
}

const versionOf = ({ key, versionId }: EngineEvent): string => `${versionId} ${key}`

const plus = ({ versions, bytes }: ReplicationCounts, more: number): ReplicationCounts => ({
  versions: versions + 1,
  bytes: bytes + more,
})

const isUnreachable = (error: unknown): boolean =>
  error instanceof ReplicationError && error.code === 'Unreachable'

/** The store here can write nothing down: not what was carried over, or not whom that is to be told. */
const OF_THIS_STORE = ['StorageUnavailable', 'StorageFull', 'EventBacklogFull', 'EngineClosed'] as const

/** The target takes nothing, or nothing can be written down here: no version is to blame. */
function isOfTheTarget(error: unknown): boolean {
  if (error instanceof ReplicationError) return error.isOfTheTarget
  return OF_THIS_STORE.some((code) => isEngineError(error, code))
}

/** One that is not there is asked often, since that costs nothing; what it says itself will not have changed so soon. */
const pauseFor = (error: unknown): number =>
  isUnreachable(error) ? limits.replicationUnreachablePauseMaxMs : limits.replicationPauseMaxMs
