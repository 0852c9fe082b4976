import type { ServerResponse } from 'node:http'
import type { AdapterResponse } from './request.js'

interface WholeAnswer extends AdapterResponse {
  readonly body?: Uint8Array
}

/**
 * Answers that are whole wait until every request that came in the same turn of the event loop has been looked at, and
 * then go out one after the other. Writing to a socket wakes whoever waits at its other end, which takes longer than
 * all else that Node does for a small answer; who is awake already is not woken again.
 */
export class Outbox {
  #waiting: { readonly response: ServerResponse; readonly answer: WholeAnswer }[] = []
  readonly #sendAll = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { response, answer } of waiting) sendWhole(response, answer)
  }

  send(response: ServerResponse, answer: WholeAnswer): void {
    if (this.#waiting.push({ response, answer }) === 1) setImmediate(this.#sendAll)
  }
}

function sendWhole(response: ServerResponse, { status, headers, body }: WholeAnswer): void {
  try {
    response.writeHead(status, headers).end(body)
  } catch {
    // A header that cannot be written. The others' answers must go out all the same.
    response.destroy()
  }
}
