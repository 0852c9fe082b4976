import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { type AddressRule, addressRule } from './address-rule.js'
import { type AgentOptions, guardedAgents } from './guarded-agents.js'
import { IdleTimer } from './idle-timer.js'
import { OutgoingError } from './outgoing-error.js'
import { sendBody } from './send-body.js'

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
  /** A function is asked for the body again where a connection that was kept turns out to be closed. What it throws is thrown as it is. */
  readonly body?: Uint8Array | (() => AsyncIterable<Uint8Array>)
  readonly signal?: AbortSignal
  /** How long nothing may move: bytes that are sent, the answer's beginning, and then its bytes. @defaultValue 30000 */
  readonly idleTimeoutMs?: number
  /** The path and query as they are sent, where reading them as a URL's would change them (`/a/../b`). @defaultValue the URL's */
  readonly target?: string
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
    for (;;) {
      options.signal?.throwIfAborted()
      const call = this.#begin(target, options)
      try {
        return await exchange(call, target, options)
      } catch (error) {
        // Whoever has kept a connection open may close it just when it is used again: that says nothing of the server.
        if (call.reusedSocket && error instanceof OutgoingError && error.code === 'Unreachable') continue
        throw error
      }
    }
  }

  #begin(url: URL, { method, headers, signal, target }: OutgoingRequest): ClientRequest {
    const isTls = url.protocol === 'https:'
    return (isTls ? requestHttps : requestHttp)(url, {
      method,
      agent: isTls ? this.#agents.https : this.#agents.http,
      ...(headers && { headers }),
      ...(signal && { signal }),
      ...(target !== undefined && { path: target }),
    })
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

/** Sends, and waits until the answer begins. */
async function exchange(
  call: ClientRequest,
  url: URL,
  { idleTimeoutMs = 30_000, body, signal }: OutgoingRequest,
): Promise<OutgoingResponse> {
  const late = (): void => {
    call.destroy(new OutgoingError('TimedOut', `${url.host} was silent for ${idleTimeoutMs} ms.`))
  }
  const idle = new IdleTimer(idleTimeoutMs, late)
  // Who waits for one of the connections that there may be is not kept waiting by the server; connecting has a time of its own.
  const connected = new Promise<void>((resolve) => call.once('socket', () => resolve()))
  void connected.then(() => idle.restart())
  let isWanted = true
  let failure: { readonly error: unknown } | undefined
  async function* pieces(open: () => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* open()
    } catch (error) {
      failure = { error }
      throw error
    }
  }
  const send = async (): Promise<void> => {
    if (typeof body !== 'function') return void call.end(body)
    await connected
    await sendBody(call, pieces(body), { idle, isWanted: () => isWanted })
  }
  try {
    const answered = answerOf(call)
    const sent = send()
    // A server may answer and be done before it has read all: then the answer is what counts.
    const answer = await Promise.race([answered, sent.then(() => answered)])
    sent.catch(() => {})
    if ((answer.statusCode ?? 0) >= 400) isWanted = false
    call.setTimeout(idleTimeoutMs, late)
    return responseOf(answer, call)
  } catch (error) {
    isWanted = false
    call.destroy()
    if (failure !== undefined) throw failure.error
    throw explain(error, url, signal)
  } finally {
    idle.end()
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

function responseOf(answer: IncomingMessage, call: ClientRequest): OutgoingResponse {
  // Of a body that nobody wants the rest of, the connection cannot be used again.
  answer.once('end', () => {
    if (!call.writableEnded) call.destroy()
  })
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
  // OpenSSL's messages end in a line break.
  const why = (error as Error).message.trim()
  return new OutgoingError('Unreachable', `${host} could not be called: ${why}.`, { cause: error })
}
