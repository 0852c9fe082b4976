import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CommandFailure } from '../failure.js'
import type { Log } from '../log.js'
import { logRequest } from './request-log.js'

export type Listener = (request: IncomingMessage, response: ServerResponse) => void

export interface FrontOptions {
  host: string
  /** 0 takes a free one. */
  port: number
  /** Host names under which a bucket may be named: there even `/-/live` is an object's key. */
  domains: readonly string[]
  log: Log
}

/** What a connection may cost. A client that stays within them may be as slow as it likes with one long body. */
const bounds = {
  headersTimeoutMs: 10_000,
  /** No byte in either direction. */
  idleTimeoutMs: 120_000,
  /** Above the usual 60 s of proxies, so that a proxy never sends into a connection that is just being closed. */
  keepAliveTimeoutMs: 65_000,
  connectionsCheckedEachMs: 2_500,
  headersMaxBytes: 16 * 1024,
  connectionsMax: 4_096,
} as const

/**
 * The HTTP server: it listens from the start, so that `/-/live` answers while a large store is being opened,
 * hands requests to the listener once there is one, and lets them finish at the end.
 */
export class Front {
  readonly #server: Server
  readonly #domains: readonly string[]
  readonly #log: Log
  readonly #running = new Set<ServerResponse>()
  #state: 'opening' | 'ready' | 'closing' = 'opening'
  #listener: Listener | undefined
  #whenIdle: (() => void) | undefined

  private constructor({ domains, log }: FrontOptions) {
    this.#domains = domains
    this.#log = log
    this.#server = createServer({
      headersTimeout: bounds.headersTimeoutMs,
      // None: a part of 5 GiB over a slow line takes hours. The idle timeout ends the dead ones.
      requestTimeout: 0,
      keepAliveTimeout: bounds.keepAliveTimeoutMs,
      connectionsCheckingInterval: bounds.connectionsCheckedEachMs,
      maxHeaderSize: bounds.headersMaxBytes,
    })
    this.#server.timeout = bounds.idleTimeoutMs
    this.#server.maxConnections = bounds.connectionsMax
    const answer = (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response)
    this.#server.on('request', answer)
    // The listener itself says "100 Continue", after it has let the request in.
    this.#server.on('checkContinue', answer)
  }

  /** @throws {@link CommandFailure} `address`. */
  static async listen(options: FrontOptions): Promise<Front> {
    const front = new Front(options)
    front.#server.listen(options.port, options.host)
    await once(front.#server, 'listening').catch((error) => {
      throw cannotListen(error, options)
    })
    // A connection that cannot be taken, for want of file descriptors say, ends neither the others nor the process.
    front.#server.on('error', (error) => options.log.error({ err: error }, 'a connection could not be taken'))
    return front
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get runningCount(): number {
    return this.#running.size
  }

  /** From now on requests go to this listener, and `/-/ready` says so. */
  serve(listener: Listener): void {
    this.#listener = listener
    this.#state = 'ready'
  }

  /**
   * Refuses new requests, waits for the running ones, then closes every connection. Still listening meanwhile,
   * so that a load balancer sees `/-/ready` say no.
   *
   * @returns How many requests were cut off because they still ran at the end of the time.
   */
  async drain(timeoutMs: number): Promise<number> {
    this.#state = 'closing'
    for (const response of this.#running) response.shouldKeepAlive = false
    if (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs)
        this.#whenIdle = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    const cut = this.#running.size
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
    return cut
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.#isHealth(request)) this.#answerHealth(request, response)
    else if (this.#state === 'ready') this.#hand(request, response)
    else refuse(request, response, this.#state)
  }

  #hand(request: IncomingMessage, response: ServerResponse): void {
    logRequest(this.#log, request, response)
    this.#running.add(response)
    response.once('close', () => {
      this.#running.delete(response)
      if (this.#running.size === 0) this.#whenIdle?.()
    })
    this.#listener!(request, response)
  }

  #isHealth({ url = '', headers: { host = '' } }: IncomingMessage): boolean {
    if (!url.startsWith('/-/')) return false
    const name = host.replace(/:\d+$/, '').toLowerCase()
    return !this.#domains.some((domain) => name.endsWith(`.${domain}`))
  }

  #answerHealth({ url, method }: IncomingMessage, response: ServerResponse): void {
    const isRead = method === 'GET' || method === 'HEAD'
    const isReady = this.#state === 'ready'
    if (isRead && url === '/-/live') say(response, 200, 'live')
    else if (isRead && url === '/-/ready') say(response, isReady ? 200 : 503, this.#state)
    else say(response, 404, 'not here')
  }
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end(`${text}\n`)
}

/** S3 clients try again after a 503. */
function refuse(request: IncomingMessage, response: ServerResponse, state: string): void {
  response.shouldKeepAlive = false
  response.setHeader('retry-after', '1')
  say(response, 503, state)
  // A client that is already sending reads the answer only when what it has sent is taken from it.
  request.resume()
}

function cannotListen(error: NodeJS.ErrnoException, { host, port }: FrontOptions): CommandFailure {
  const fail = (message: string, remedy: string) =>
    new CommandFailure('address', message, remedy, { cause: error })
  switch (error.code) {
    case 'EADDRINUSE':
      return fail(
        `Port ${port} on ${host} is already in use.`,
        'Choose another with --port (0 takes a free one), or stop the program that holds it.',
      )
    case 'EACCES':
      return fail(`This user may not listen on port ${port}.`, 'Choose a port above 1023 with --port.')
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail(
        `${host} is no address of this machine.`,
        'Give one with --host: 127.0.0.1 for this machine alone, 0.0.0.0 for every network.',
      )
    default:
      return fail(`Cannot listen on ${host} port ${port}: ${error.message}.`, 'Check --host and --port.')
  }
}
