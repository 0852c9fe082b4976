import createDebug from 'debug'
import type { EventTargetStatus } from '../../contract/events.js'
import type { Backlog } from '../../outbox/backlog.js'
import { foldGaps, gapsTurn } from '../../outbox/gaps.js'
import type { Works } from '../../works.js'
import { Delivery } from './delivery.js'
import { eventDelivery } from './delivery-options.js'

const debug = createDebug('aquifer:events')
/** How long deliveries that are under way may take when the engine closes. */
const GRACE_MS = 2_000

/** Takes every target its events, each for itself: none waits for another. */
export class Deliveries {
  readonly #works: Works
  readonly #deliveries = new Map<string, Delivery>()
  readonly #folding = new Map<Backlog, Promise<void>>()

  constructor(works: Works) {
    this.#works = works
    const { outbox } = works
    for (const [arn, options] of outbox.targets)
      this.#deliveries.set(arn, new Delivery(works, outbox.backlog(arn), eventDelivery(options)))
  }

  start(): void {
    this.#works.outbox.onManyGaps = (backlog) => this.#fold(backlog)
    for (const delivery of this.#deliveries.values()) delivery.start()
  }

  #fold(backlog: Backlog): void {
    if (this.#folding.has(backlog)) return
    const folding = this.#foldNow(backlog)
      .catch((error) => debug('gaps could not be folded: %o', error)) // Their rows are there, each for itself.
      .finally(() => this.#folding.delete(backlog))
    this.#folding.set(backlog, folding)
  }

  async #foldNow(backlog: Backlog): Promise<void> {
    using _turn = await this.#works.turns.acquire(gapsTurn(backlog.target))
    backlog.gapRows -= await foldGaps(this.#works.kv, backlog.target)
  }

  lastErrorOf(target: string): EventTargetStatus['lastError'] {
    return this.#deliveries.get(target)?.lastError
  }

  async stop(): Promise<void> {
    this.#works.outbox.onManyGaps = undefined
    await Promise.all([...this.#deliveries.values()].map((delivery) => delivery.stop(GRACE_MS)))
    await Promise.all(this.#folding.values())
  }
}
