import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net'
import type { Health } from '@aquifer/engine'
import {
  type AdapterRequest,
  type AdapterResponse,
  createNodeServer,
  type S3Handler,
} from '@aquifer/http-adapter'
import { CommandFailure } from './failure.js'
import { describeHealth, whole } from './health.js'
import { ADMIN_PATH } from './identity/admin-endpoint.js'
import type { Log } from './log.js'

export interface Listening {
  host: string
  /** 0 takes a free one. */
  port: number
  /** Whether others of this process listen there too. */
  isShared?: boolean
}

export interface FrontOptions extends Listening {
  /** Host names under which a bucket may be named: there even `/-/live` is an object's key. */
  domains: readonly string[]
  /** Bytes a second below which a client is given up; 0 gives up none. */
  leastRate?: number
  /** @defaultValue 4096 */
  connectionsMax?: number
  log: Log
}

/** What is answered beside S3's requests. */
interface BesideS3 {
  readonly admin?: S3Handler
  readonly healthOf?: () => Health | Promise<Health>
  /** Lines about what a person should see to, though requests are answered. */
  readonly concernsOf?: () => Promise<readonly string[]>
}

/** Tighter than the adapter's own: this server stands alone. */
const bounds = {
  headersTimeoutMs: 10_000,
  connectionsCheckedEachMs: 2_500,
} as const

export const connectionsMaxDefault = 4_096

/**
 * The HTTP server: it listens from the start, so that `/-/live` answers while a large store is being opened,
 * hands requests to the S3 handler once there is one, and lets them finish at the end.
 */
export class Front {
  readonly #server: Server
  readonly #domains: readonly string[]
  readonly #running = new Set<ServerResponse>()
  #state: 'opening' | 'ready' | 'closing' = 'opening'
  #handler: S3Handler | undefined
  #admin: S3Handler | undefined
  #healthOf: () => Health | Promise<Health> = () => whole
  #concernsOf: () => Promise<readonly string[]> = async () => []
  #whenIdle: (() => void) | undefined

  private constructor({ domains, leastRate, connectionsMax = connectionsMaxDefault }: FrontOptions) {
    this.#domains = domains
    this.#server = createNodeServer((request) => this.#answer(request), {
      headersTimeout: bounds.headersTimeoutMs,
      connectionsCheckingInterval: bounds.connectionsCheckedEachMs,
      ...(leastRate === undefined
        ? {}
        : { leastRate: leastRate === 0 ? 'none' : { bytesPerSecond: leastRate } }),
    })
    this.#server.maxConnections = connectionsMax
    const track = (_request: IncomingMessage, response: ServerResponse) => this.#track(response)
    this.#server.prependListener('request', track)
    this.#server.prependListener('checkContinue', track)
  }

  /** @throws {@link CommandFailure} `address`. */
  static async listen(options: FrontOptions): Promise<Front> {
    const front = new Front(options)
    await listen(front.#server, options)
    // A connection that cannot be taken, for want of file descriptors say, ends neither the others nor the process.
    front.#server.on('error', (error) => options.log.error({ err: error }, 'a connection could not be taken'))
    return front
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /**
   * From now on requests go to this handler, and `/-/ready` says so, as long as the store can be read. What lies under
   * `/-/admin/` goes to `admin`.
   */
  serve(handler: S3Handler, { admin, healthOf = () => whole, concernsOf }: BesideS3 = {}): void {
    this.#handler = handler
    this.#admin = admin
    this.#healthOf = healthOf
    if (concernsOf !== undefined) this.#concernsOf = concernsOf
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

  #track(response: ServerResponse): void {
    if (this.#state !== 'ready') return
    this.#running.add(response)
    response.on('close', () => {
      this.#running.delete(response)
      if (this.#running.size === 0) this.#whenIdle?.()
    })
  }

  async #answer(request: AdapterRequest): Promise<AdapterResponse> {
    const isOurs = this.#isOurs(request)
    const admin = isOurs && request.rawUrl.startsWith(ADMIN_PATH) ? this.#admin : undefined
    if (isOurs && admin === undefined) return this.#health(request)
    if (this.#state === 'ready') return (admin ?? this.#handler!)(request)
    // S3 clients try again after a 503.
    return say(503, this.#state, { 'retry-after': '1', connection: 'close' })
  }

  /** What is not S3's: no bucket is called `-`. */
  #isOurs({ rawUrl, rawHeaders }: AdapterRequest): boolean {
    if (!rawUrl.startsWith('/-/')) return false
    const [, host = ''] = rawHeaders.find(([name]) => name.toLowerCase() === 'host') ?? []
    const name = host.replace(/:\d+$/, '').toLowerCase()
    return !this.#domains.some((domain) => name.endsWith(`.${domain}`))
  }

  async #health({ rawUrl, method }: AdapterRequest): Promise<AdapterResponse> {
    const isRead = method === 'GET' || method === 'HEAD'
    if (isRead && rawUrl === '/-/live') return say(200, 'live')
    if (isRead && rawUrl === '/-/ready') {
      if (this.#state !== 'ready') return say(503, this.#state)
      const health = await this.#healthOf()
      const concerns = health.isServing ? await this.#concernsOf().catch(() => []) : [] // S3 is served all the same.
      return say(health.isServing ? 200 : 503, [...describeHealth(health), ...concerns].join('\n'))
    }
    return say(404, 'not here')
  }
}

/**
 * The port itself, where nobody listens on it yet; for 0, a free one.
 *
 * @throws {@link CommandFailure} `address`.
 */
export async function freePort(host: string, port: number): Promise<number> {
  const server = createServer()
  await listen(server, { host, port })
  const found = (server.address() as AddressInfo).port
  await new Promise((resolve) => server.close(resolve))
  return found
}

async function listen(server: Server | NetServer, at: Listening): Promise<void> {
  const { host, port, isShared = false } = at
  server.listen({ host, port, ...(isShared ? { reusePort: true } : {}) })
  await once(server, 'listening').catch((error) => {
    throw cannotListen(error, at)
  })
}

function say(status: number, text: string, headers: Record<string, string> = {}): AdapterResponse {
  const body = Buffer.from(`${text}\n`)
  const common = {
    'content-type': 'text/plain',
    'content-length': String(body.byteLength),
    'cache-control': 'no-store',
  }
  return { status, headers: { ...common, ...headers }, body }
}

function cannotListen(error: NodeJS.ErrnoException, { host, port }: Listening): CommandFailure {
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
