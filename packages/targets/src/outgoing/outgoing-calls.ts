import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { type AddressRule, addressRule } from './address-rule.js'
import { type AgentOptions, guardedAgents } from './guarded-agents.js'
import { OutgoingError } from './outgoing-error.js'

export interface OutgoingOptions {
  /** Addresses or CIDR blocks that calls may go to although they are of this machine or link-local. @defaultValue none */
  readonly allowed?: readonly string[]
  /** @defaultValue 5000 */
  readonly connectTimeoutMs?: number
  /** To one server at a time. @defaultValue 64 */
  readonly connectionsMax?: number
  readonly tls?: AgentOptions['tls']
}

export interface OutgoingRequest {
  readonly method: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal
  /** How long nothing may move: until the answer begins, and then between its bytes. @defaultValue 30000 */
  readonly idleTimeoutMs?: number
}

/** An answer whose body is still to come. Read it to its end or `discard` it: until then it holds a connection. */
export interface OutgoingResponse {
  readonly status: number
  readonly headers: Headers
  readonly body: AsyncIterable<Uint8Array>
  /** @throws {@link OutgoingError} `TooLarge` */
  bytes(maxBytes: number): Promise<Uint8Array>
  discard(): void
}

/**
 * Calls to other servers: webhooks, keys of other providers of identities, replication. Each checks the address it has
 * connected to, none follows a redirect, and all have times.
 */
export class OutgoingCalls {
  readonly #isAllowed: AddressRule
  readonly #agents: ReturnType<typeof guardedAgents>

  /** @throws {TypeError} for an allowed block that is none. */
  constructor({ allowed = [], connectTimeoutMs = 5_000, connectionsMax = 64, tls }: OutgoingOptions = {}) {
    this.#isAllowed = addressRule(allowed)
    this.#agents = guardedAgents({
      isAllowed: this.#isAllowed,
      connectTimeoutMs,
      connectionsMax,
      ...(tls && { tls }),
    })
  }

  /** @throws {@link OutgoingError}; an error named `AbortError` when the signal fires. */
  async request(url: string, options: OutgoingRequest): Promise<OutgoingResponse> {
    const target = this.checkUrl(url)
    options.signal?.throwIfAborted()
    const { idleTimeoutMs = 30_000, body, method, headers, signal } = options
    const isTls = target.protocol === 'https:'
    const call = (isTls ? requestHttps : requestHttp)(target, {
      method,
      agent: isTls ? this.#agents.https : this.#agents.http,
      ...(headers && { headers }),
      ...(signal && { signal }),
    })
    const late = () => new OutgoingError('TimedOut', `${target.host} was silent for ${idleTimeoutMs} ms.`)
    call.setTimeout(idleTimeoutMs, () => call.destroy(late()))
    // Counted from the call itself as well: a socket's own time begins when it is there.
    const timer = setTimeout(() => call.destroy(late()), idleTimeoutMs)
    try {
      const answered = answerOf(call)
      const sent = send(call, body)
      // A server may answer and be done before it has read all: then the answer is what counts.
      await Promise.race([answered, sent.then(() => answered)])
      sent.catch(() => {})
      return responseOf(await answered, call)
    } catch (error) {
      call.destroy()
      throw explain(error, target, signal)
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * What can be told of a URL before anything is sent: a configuration is checked by it.
   *
   * @throws {@link OutgoingError} `InvalidUrl`, `AddressNotAllowed` for a literal address.
   */
  checkUrl(url: string): URL {
    const target = URL.canParse(url) ? new URL(url) : undefined
    if (target === undefined || !['http:', 'https:'].includes(target.protocol))
      throw new OutgoingError('InvalidUrl', `"${url}" is no URL of http or https.`)
    if (target.username !== '' || target.password !== '')
      throw new OutgoingError('InvalidUrl', 'A URL to call holds no user and no password.')
    const literal = target.hostname.replace(/^\[(.*)\]$/, '$1')
    if (isIP(literal) !== 0 && !this.#isAllowed(literal))
      throw new OutgoingError(
        'AddressNotAllowed',
        `${literal} is no address that calls go to unless the configuration allows it.`,
      )
    return target
  }

  /** Idle connections go; calls under way end by themselves. */
  close(): void {
    this.#agents.http.destroy()
    this.#agents.https.destroy()
  }
}

function answerOf(call: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    call.once('response', resolve)
    call.once('error', reject)
    // What happens once the answer is there is told by reading it.
    call.on('error', () => {})
  })
}

async function send(call: ClientRequest, body: OutgoingRequest['body']): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) {
    call.end(body)
    return
  }
  await pipeline(body, call)
}

function responseOf(answer: IncomingMessage, call: ClientRequest): OutgoingResponse {
  const headers = new Headers()
  for (let at = 0; at < answer.rawHeaders.length; at += 2)
    headers.append(answer.rawHeaders[at]!, answer.rawHeaders[at + 1]!)
  return {
    status: answer.statusCode ?? 0,
    headers,
    body: answer as AsyncIterable<Uint8Array>,
    async bytes(maxBytes) {
      const chunks: Uint8Array[] = []
      let sizeBytes = 0
      for await (const chunk of answer as AsyncIterable<Uint8Array>) {
        sizeBytes += chunk.byteLength
        if (sizeBytes > maxBytes) {
          call.destroy()
          throw new OutgoingError('TooLarge', `The answer is longer than ${maxBytes} bytes.`)
        }
        chunks.push(chunk)
      }
      return Buffer.concat(chunks)
    },
    discard: () => {
      call.destroy()
    },
  }
}

function explain(error: unknown, { host }: URL, signal: AbortSignal | undefined): unknown {
  if (error instanceof OutgoingError || signal?.aborted) return error
  return new OutgoingError('Unreachable', `${host} could not be called: ${(error as Error).message}.`, {
    cause: error,
  })
}
