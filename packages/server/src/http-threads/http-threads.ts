import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from '@aquifer/engine'
import type { RootCredentials } from '../credentials.js'
import { connectionsMaxDefault, freePort } from '../front.js'
import type { Log } from '../log.js'
import type { Environment } from '../settings/read-settings.js'
import type { ServeSettings } from '../settings/serve-settings.js'
import { HttpThread } from './http-thread.js'
import type { ThreadData } from './messages.js'

export interface HttpThreadsOptions {
  readonly count: number
  readonly environment: Environment
  readonly log: Log
  /** Takes the lines that threads have written to the log. */
  readonly writeLog: (lines: string) => void
  readonly onTerminal: boolean
}

/** One that ends sooner than this would most likely do so again at once. */
const SHORT_LIFE_MS = 10_000
const PAUSE_MS = 1_000

/** HTTP on threads of its own, which all listen at the same address. One that ends by itself is replaced. */
export class HttpThreads {
  readonly port: number
  readonly #threads: HttpThread[]
  readonly #log: Log
  readonly #startAnother: () => Promise<HttpThread>
  readonly #stopping = new AbortController()
  #serving: { readonly engine: Engine; readonly credentials: RootCredentials } | undefined

  private constructor(threads: HttpThread[], log: Log, startAnother: () => Promise<HttpThread>) {
    this.#threads = threads
    this.#log = log
    this.#startAnother = startAnother
    this.port = threads[0]!.port
    for (const thread of threads) void this.#watch(thread)
  }

  /** @throws {@link CommandFailure} `usage`, `address`; any other error where there are no threads to be had. */
  static async start(settings: ServeSettings, options: HttpThreadsOptions): Promise<HttpThreads> {
    const { count, environment, log, onTerminal, writeLog } = options
    const { host } = settings
    const isShared = count > 1
    const data = (port: number): ThreadData => ({
      settings,
      environment: { ...environment },
      listening: { host, port, isShared },
      connectionsMax: Math.ceil(connectionsMaxDefault / count),
      onTerminal,
    })
    // Whoever shares an address would not hear that another program has it.
    const given = isShared ? await freePort(host, settings.port) : settings.port
    const threads = [await HttpThread.start(data(given), writeLog)]
    const { port } = threads[0]!
    const startAnother = () => HttpThread.start(data(port), writeLog)
    try {
      while (threads.length < count) threads.push(await startAnother())
    } catch (error) {
      for (const thread of threads) await thread.drain(0)
      throw error
    }
    return new HttpThreads(threads, log, startAnother)
  }

  /** Resolves when all of them answer requests. */
  async serve(engine: Engine, credentials: RootCredentials): Promise<void> {
    this.#serving = { engine, credentials }
    await Promise.all(this.#threads.map((thread) => thread.serve(engine, credentials)))
  }

  /** As {@link Front.drain}. */
  async drain(timeoutMs: number): Promise<number> {
    this.#stopping.abort()
    const cut = await Promise.all(this.#threads.splice(0).map((thread) => thread.drain(timeoutMs)))
    return cut.reduce((sum, one) => sum + one, 0)
  }

  /** Its requests have failed with it; what it was answered is stored. */
  async #watch(thread: HttpThread): Promise<void> {
    const error = await thread.ended
    if (this.#stopping.signal.aborted) return
    this.#log.error({ err: error }, 'a thread for HTTP has ended: another takes its place')
    this.#threads.splice(this.#threads.indexOf(thread), 1)
    if (performance.now() - thread.startedMs < SHORT_LIFE_MS) await this.#pause()
    for (;;) {
      if (this.#stopping.signal.aborted) return
      try {
        const next = await this.#startAnother()
        this.#join(next)
        return
      } catch (error) {
        this.#log.error({ err: error }, 'a thread for HTTP could not be started: trying again')
        await this.#pause()
      }
    }
  }

  #join(thread: HttpThread): void {
    if (this.#stopping.signal.aborted) {
      void thread.drain(0)
      return
    }
    this.#threads.push(thread)
    if (this.#serving !== undefined) void thread.serve(this.#serving.engine, this.#serving.credentials)
    void this.#watch(thread)
  }

  /** Ends sooner where all stops. */
  #pause(): Promise<void> {
    return sleep(PAUSE_MS, undefined, { signal: this.#stopping.signal }).catch(() => {})
  }
}
