import { type EngineEvent, type EventMessageOptions, type EventTarget, eventMessage } from '@aquifer/engine'
import type { OutgoingCalls } from '../outgoing/outgoing-calls.js'
import { authorizationOf } from './authorization.js'

export interface WebhookTargetOptions extends EventMessageOptions {
  /** Where events are posted to. */
  readonly url: string
  /** Sent as `Authorization`: as it is where it has two words, else as a bearer's token. */
  readonly authToken?: string
  /** How the webhook is called. The target closes it. */
  readonly calls: OutgoingCalls
}

/** What is read of an answer, so that its connection can be used again. */
const ANSWER_MAX_BYTES = 64 * 1024
const EXCERPT_CHARS = 200

/**
 * Posts events to a webhook, one at a time, as JSON. Any status from 200 to 299 says that it has the event.
 *
 * @throws {@link OutgoingError} `InvalidUrl`, `AddressNotAllowed`
 */
export class WebhookTarget implements EventTarget {
  readonly #options: WebhookTargetOptions
  readonly #headers: Readonly<Record<string, string>>

  constructor(options: WebhookTargetOptions) {
    const { calls, url, authToken } = options
    calls.checkUrl(url)
    this.#options = options
    this.#headers = {
      'content-type': 'application/json',
      'user-agent': 'Aquifer',
      ...(authToken === undefined ? {} : { authorization: authorizationOf(authToken) }),
    }
  }

  async deliver(event: EngineEvent, { signal }: { signal: AbortSignal }): Promise<void> {
    const { calls, url } = this.#options
    const body = Buffer.from(JSON.stringify(eventMessage(event, this.#options)))
    const response = await calls.request(url, { method: 'POST', headers: this.#headers, body, signal })
    const answer = await response.bytes(ANSWER_MAX_BYTES).catch(() => new Uint8Array(0))
    const { status } = response
    if (status >= 200 && status < 300) return
    const excerpt = Buffer.from(answer).toString('utf8').slice(0, EXCERPT_CHARS).trim()
    throw new Error(`The webhook answered ${status}${excerpt === '' ? '' : `: ${excerpt}`}`)
  }

  async close(): Promise<void> {
    this.#options.calls.close()
  }
}
