import { getBucket } from '../../catalog/find.js'
import type { EngineEvent, EventStream, ListenOptions } from '../../contract/events.js'
import { limitExceeded } from '../../errors.js'
import { limits } from '../../limits.js'
import { forgetBacklog } from '../../outbox/forget-backlog.js'
import { listenerTarget } from '../../outbox/outbox.js'
import { checkFilter } from '../../rules/events/check-notification.js'
import { toEventRule } from '../../rules/events/event-rules.js'
import type { Works } from '../../works.js'
import { readBacklog } from './read-backlog.js'

/** Events for whoever is there. From when this resolves commits write them; what was not read at the end is forgotten. */
export async function listen(works: Works, options: ListenOptions): Promise<EventStream> {
  const { bucket, signal } = options
  signal?.throwIfAborted()
  checkFilter(options)
  if (bucket !== undefined) await getBucket(works.kv, bucket)
  if (works.outbox.subscriptionCount >= limits.subscriptionsMax)
    throw limitExceeded('listeners', limits.subscriptionsMax)
  const target = listenerTarget(Buffer.from(works.ids.next()).toString('hex'))
  works.outbox.rememberListener(toEventRule(target, options, bucket))
  return new Listener(works, target, signal)
}

class Listener implements EventStream {
  readonly #works: Works
  readonly #target: string
  readonly #left = new AbortController()
  readonly #events: AsyncGenerator<EngineEvent>
  #ended: Promise<void> | undefined

  constructor(works: Works, target: string, signal: AbortSignal | undefined) {
    this.#works = works
    this.#target = target
    const stopped = signal === undefined ? this.#left.signal : AbortSignal.any([signal, this.#left.signal])
    this.#events = readBacklog(works, target, 'a listener', stopped)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<EngineEvent, undefined>> {
    if (this.#ended !== undefined) return { done: true, value: undefined }
    try {
      const { done, value } = await this.#events.next()
      if (done !== true) return { done: false, value }
      await this.#end()
    } catch (error) {
      await this.#end()
      if (!this.#left.signal.aborted) throw error
    }
    return { done: true, value: undefined }
  }

  /** Also while somebody waits for the next event: there is none then. */
  async return(): Promise<IteratorResult<EngineEvent, undefined>> {
    this.#left.abort()
    await this.#events.return(undefined)
    await this.#end()
    return { done: true, value: undefined }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #end(): Promise<void> {
    this.#ended ??= this.#forget()
    return this.#ended
  }

  async #forget(): Promise<void> {
    const { outbox } = this.#works
    outbox.unsubscribe(this.#target)
    // What is left then goes at the next open.
    if (!outbox.closed.aborted) await forgetBacklog(this.#works, this.#target)
  }
}
