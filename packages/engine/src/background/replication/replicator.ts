import { availableParallelism } from 'node:os'
import createDebug from 'debug'
import { limits } from '../../limits.js'
import { forgetBacklog } from '../../outbox/forget-backlog.js'
import { isReplicationQueue, replicationQueues } from '../../outbox/replication-queue.js'
import { type KnownTarget, nameOfTargetId } from '../../replication/targets.js'
import type { Activity } from '../../sync/activity.js'
import { Courtesy } from '../../sync/courtesy.js'
import { utilizationSince } from '../../sync/utilization.js'
import type { KnownOfWork } from '../../verbs/replication/replication-status.js'
import type { Works } from '../../works.js'
import { Link, LinkCounts } from './link.js'
import type { ResyncCounts } from './resync-counts.js'
import { Resyncer } from './resyncer.js'

const debug = createDebug('aquifer:replication')
/** How long transfers that are under way may take when the engine closes. */
const GRACE_MS = 2_000

/** Carries versions over to every target there is, each for itself: none waits for another. */
export class Replicator {
  readonly #works: Works
  readonly #links = new Map<string, Link>()
  readonly #counts = new Map<string, LinkCounts>()
  readonly #resyncer: Resyncer
  readonly #courtesy: Courtesy
  #isRunning = false
  #forgetting: Promise<void> | undefined

  constructor(works: Works, activity: Activity) {
    this.#works = works
    this.#resyncer = new Resyncer(works)
    const perSecond = limits.replicationPacePerCore * availableParallelism()
    this.#courtesy = new Courtesy(works.clock, perSecond, {
      calls: () => activity.begun,
      arrived: () => this.#arrived(),
      utilization: utilizationSince(),
    })
  }

  /** Versions that were put in line since the engine was opened. */
  #arrived(): number {
    let arrived = 0
    for (const { target, placed } of this.#works.outbox.backlogs)
      if (isReplicationQueue(target)) arrived += placed
    return arrived
  }

  wakeResync(): void {
    this.#resyncer.wake()
  }

  get resyncCounts(): ResyncCounts {
    return this.#resyncer.counts
  }

  start(): void {
    this.#isRunning = true
    const { replicationTargets } = this.#works
    replicationTargets.onChange = (name, target) => this.#change(name, target)
    for (const target of replicationTargets.all) this.#begin(target)
    this.#resyncer.start()
    this.#forgetting = this.#forgetLost().catch((error) => debug('what waits for nobody stays: %o', error))
  }

  /** What waits for targets that have gone: a crash came between the two. */
  async #forgetLost(): Promise<void> {
    const { outbox, replicationTargets } = this.#works
    const known = new Set<string>()
    const ids = [...replicationTargets.all].map(({ targetId }) => targetId)
    for (const targetId of [...ids, ...replicationTargets.damaged])
      for (const queue of replicationQueues(targetId)) known.add(queue)
    const lost = [...outbox.backlogs].filter(({ target }) => isReplicationQueue(target) && !known.has(target))
    for (const { target } of lost) await forgetBacklog(this.#works, target)
  }

  #begin(target: KnownTarget): void {
    const name = nameOfTargetId(target.targetId)
    const counts = this.#countsOf(target)
    const link = new Link(this.#works, target, { counts, watch: this.#resyncer, courtesy: this.#courtesy })
    this.#links.set(name, link)
    link.start()
  }

  /** What is under way by what the target was reached by is cut, and begun anew by what it is reached by now. */
  async #change(name: string, target: KnownTarget | undefined): Promise<void> {
    using _turn = await this.#works.turns.acquire([`\0replication link ${name}`])
    await this.#links.get(name)?.stop(0)
    this.#links.delete(name)
    if (target === undefined) this.#counts.delete(name)
    // It may have been changed once more, or removed, while what was under way came to its end.
    else if (this.#isRunning && this.#works.replicationTargets.find(target.targetId) === target)
      this.#begin(target)
  }

  /** What is known of a target's work, since the engine was opened. */
  workOf(target: KnownTarget): KnownOfWork {
    const { isOnline, completed, failed, lag } = this.#countsOf(target)
    const lagMs = lag.of(this.#works.clock.now())
    const lastError = this.#links.get(nameOfTargetId(target.targetId))?.lastError
    return { isOnline, completed, failed, ...(lagMs && { lagMs }), ...(lastError && { lastError }) }
  }

  #countsOf({ targetId }: KnownTarget): LinkCounts {
    const name = nameOfTargetId(targetId)
    const counts = this.#counts.get(name) ?? new LinkCounts()
    this.#counts.set(name, counts)
    return counts
  }

  async stop(): Promise<void> {
    this.#isRunning = false
    await Promise.all([...this.#links.values()].map((link) => link.stop(GRACE_MS)))
    await this.#resyncer.stop()
    await this.#forgetting
  }
}
