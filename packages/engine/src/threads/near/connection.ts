import type { MessagePort } from 'node:worker_threads'
import { engineClosed } from '../../errors.js'
import { crossError, uncrossError } from '../crossed-error.js'
import { uncrossResult } from '../crossed-result.js'
import type { Answer, Begun, CallId, OpenedFacts, Order } from '../items.js'
import { TurnPort } from '../turn-port.js'
import type { OutgoingSource } from './outgoing-source.js'
import { Slots } from './slots.js'

/** What a call is answered by. */
export interface Expecting {
  result?(value: unknown): void
  opened?(facts: OpenedFacts, bytes: Uint8Array | undefined): void
  chunk?(bytes: Uint8Array, lent: boolean): void
  items?(items: readonly unknown[], isLast: boolean): void
  end?(): void
  error(error: unknown): void
  /** What the call sends, when it is wanted. */
  source?: OutgoingSource
}

interface UnderWay {
  readonly expecting: Expecting
  /** Lets go of the signal that would have stopped it. */
  readonly over?: () => void
}

/** The near end: calls that are under way, each told what comes for it. */
export class Connection {
  readonly slots = new Slots()
  readonly #port: TurnPort<Order, Answer>
  readonly #calls = new Map<CallId, UnderWay>()
  /** Errors of this side's that went over, while their call lasts: they come back as themselves. */
  readonly #own = new Map<CallId, unknown[]>()
  #lastCall = 0
  #state: 'open' | 'closing' | 'closed' = 'open'
  #whenIdle: (() => void) | undefined

  private constructor(port: MessagePort, welcome: (memory: SharedArrayBuffer | undefined) => void) {
    this.#port = new TurnPort<Order, Answer>(port, {
      receive: (answer) => (answer[0] === 'welcome' ? welcome(answer[1]) : this.#take(answer)),
      refused: (order, error) => this.#fail(order[1], error),
      closed: () => {
        this.#lose()
        welcome(undefined)
      },
    })
  }

  /** @throws {@link EngineError} `EngineClosed` where nobody serves the other end. */
  static async open(port: MessagePort): Promise<{ connection: Connection; changes: SharedArrayBuffer }> {
    let connection: Connection | undefined
    const changes = await new Promise<SharedArrayBuffer | undefined>((resolve) => {
      connection = new Connection(port, resolve)
      connection.#port.keepAlive(true)
    })
    connection!.#port.keepAlive(false)
    if (changes === undefined) throw engineClosed()
    return { connection: connection!, changes }
  }

  /** @throws {@link EngineError} `EngineClosed` */
  begin(call: Begun, expecting: Expecting, signal?: AbortSignal): CallId {
    if (this.#state !== 'open') throw engineClosed()
    const id = ++this.#lastCall
    if (this.#calls.size === 0) this.#port.keepAlive(true)
    this.#calls.set(id, signal === undefined ? { expecting } : { expecting, over: this.#heed(id, signal) })
    this.#port.send(['call', id, call])
    return id
  }

  /** Nobody waits for what comes of it. */
  tell(call: Begun): void {
    if (this.#state === 'open') this.#port.send(['call', 0, call])
  }

  send(order: Order): void {
    this.#port.send(order)
  }

  /** An error of this side's for the other, which may give it back. */
  sendError(kind: 'abort' | 'broken', id: CallId, error: unknown): void
  sendError(kind: 'unkept', id: CallId, error: unknown, algorithm: string): void
  sendError(kind: 'abort' | 'broken' | 'unkept', id: CallId, error: unknown, algorithm = ''): void {
    if (!this.#calls.has(id)) return
    const own = this.#own.get(id) ?? []
    this.#own.set(id, own)
    const crossed = crossError(error, own.push(error) - 1)
    this.send(kind === 'unkept' ? [kind, id, algorithm, crossed] : [kind, id, crossed])
  }

  /** Whether more may come for the call. */
  isUnderWay(id: CallId): boolean {
    return this.#calls.has(id)
  }

  /** Nothing that still comes for the call is of interest. */
  forget(id: CallId): void {
    this.#calls.get(id)?.over?.()
    this.#calls.delete(id)
    this.#own.delete(id)
    if (this.#calls.size > 0) return
    this.#port.keepAlive(false)
    this.#whenIdle?.()
  }

  /** Refuses new calls, and waits for those under way unless the signal says otherwise. */
  async close(signal?: AbortSignal): Promise<void> {
    if (this.#state === 'open') this.#state = 'closing'
    if (this.#calls.size > 0 && signal?.aborted !== true && this.#state !== 'closed')
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve
        signal?.addEventListener('abort', () => resolve(), { once: true })
      })
    this.#lose()
    this.#port.close()
  }

  #heed(id: CallId, signal: AbortSignal): () => void {
    const abort = (): void => this.sendError('abort', id, signal.reason)
    signal.addEventListener('abort', abort)
    return () => signal.removeEventListener('abort', abort)
  }

  #take(answer: Exclude<Answer, readonly ['welcome', ...unknown[]]>): void {
    const [kind, id] = answer
    const expecting = this.#calls.get(id)?.expecting
    if (expecting === undefined) return
    switch (kind) {
      case 'result':
      case 'error': {
        const own = this.#own.get(id)
        const findOwn = (number: number) => own?.[number]
        this.forget(id)
        if (kind === 'error') expecting.error(uncrossError(answer[2], findOwn))
        else expecting.result?.(uncrossResult(answer[2], findOwn))
        break
      }
      case 'opened':
        expecting.opened?.(answer[2], answer[3])
        break
      case 'want':
        expecting.source?.want(answer[2])
        break
      case 'chunk':
        expecting.chunk?.(answer[2], answer[3])
        break
      case 'items':
        expecting.items?.(answer[2], answer[3])
        break
      case 'end':
        this.forget(id)
        expecting.end?.()
    }
  }

  #fail(id: CallId, error: unknown): void {
    const expecting = this.#calls.get(id)?.expecting
    this.forget(id)
    expecting?.error(error)
  }

  /** The other side has gone: whether what was asked of it has happened, nobody knows. */
  #lose(): void {
    this.#state = 'closed'
    for (const id of [...this.#calls.keys()]) this.#fail(id, engineClosed())
  }
}
