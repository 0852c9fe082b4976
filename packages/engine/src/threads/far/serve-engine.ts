import type { MessagePort } from 'node:worker_threads'
import { type Engine, insideOf } from '../../engine.js'
import { crossError } from '../crossed-error.js'
import type { Answer, Begun, CallId, Order } from '../items.js'
import { TurnPort } from '../turn-port.js'
import { answerCall } from './answer-call.js'
import { ServedCall } from './served-call.js'

/** An engine at one end of a port. */
export interface EngineService extends AsyncDisposable {
  /** Resolves when the port is closed, by either side, and all that the other side had under way is over. */
  readonly closed: Promise<void>
  /** Closes the port. What the other side has under way is given up; the engine stays open. */
  close(): Promise<void>
}

/**
 * Serves an engine to another thread, which calls {@link connectEngine} with the other end of the port. When that closes, as
 * it does with its thread, whatever it had under way is stopped, and nothing of it stays open; a write that had not come
 * to its end is not made.
 *
 * @param port One end of a channel for this alone. It is the service's from now on.
 */
export function serveEngine(engine: Engine, port: MessagePort): EngineService {
  return new Service(engine, port)
}

class Service implements EngineService {
  readonly closed: Promise<void>
  readonly #engine: Engine
  readonly #port: TurnPort<Answer, Order>
  readonly #calls = new Map<CallId, ServedCall>()
  #isClosed = false
  #whenOver: () => void = () => {}

  constructor(engine: Engine, port: MessagePort) {
    this.#engine = engine
    this.closed = new Promise((resolve) => {
      this.#whenOver = resolve
    })
    this.#port = new TurnPort<Answer, Order>(port, {
      receive: (order) => this.#obey(order),
      refused: ([, id], error) => this.#port.send(['error', id as CallId, crossError(error)]),
      closed: () => this.#lose(),
    })
    this.#port.send(['welcome', insideOf(engine).rightsChanges.memory])
  }

  close(): Promise<void> {
    this.#port.close()
    return this.closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #obey(order: Order): void {
    if (order[0] === 'call') this.#begin(order[1], order[2])
    else this.#calls.get(order[1])?.obey(order)
  }

  #begin(id: CallId, begun: Begun): void {
    const call = new ServedCall(id, begun, (answer, moved) => this.#port.send(answer, moved))
    if (this.#calls.size === 0) this.#port.keepAlive(true)
    this.#calls.set(id, call)
    answerCall(this.#engine, call)
      .catch((error) => call.answer(['error', id, crossError(error)]))
      .finally(() => this.#over(id, call))
  }

  #over(id: CallId, call: ServedCall): void {
    if (this.#calls.get(id) === call) this.#calls.delete(id)
    if (this.#calls.size > 0) return
    this.#port.keepAlive(false)
    if (this.#isClosed) this.#whenOver()
  }

  #lose(): void {
    this.#isClosed = true
    for (const call of this.#calls.values()) call.lose()
    if (this.#calls.size === 0) this.#whenOver()
  }
}
