import { type EngineEvent, type EventMessageOptions, type EventTarget, eventMessage } from '@aquifer/engine'
import { Connection } from './connection.js'
import { loadClient } from './load-client.js'
import { changeOfNamespace, type RowFormat } from './row-format.js'

export interface RedisTargetOptions extends EventMessageOptions {
  /** Such as `redis://localhost:6379`; `rediss:` for TLS. */
  readonly url: string
  readonly username?: string
  readonly password?: string
  /** Of the hash (`namespace`) or the list (`access`). */
  readonly key: string
  readonly format: RowFormat
}

type Redis = typeof import('redis')
type Client = ReturnType<Redis['createClient']>

/** Keeps events in Redis, in a hash or a list. Needs the package `redis`. */
export class RedisTarget implements EventTarget {
  readonly #options: RedisTargetOptions
  readonly #connection: Connection<Client>

  private constructor(options: RedisTargetOptions, redis: Redis) {
    this.#options = options
    this.#connection = new Connection(
      async () => {
        const { url, username, password } = options
        const client = redis.createClient({
          url,
          ...(username === undefined ? {} : { username }),
          ...(password === undefined ? {} : { password }),
          disableOfflineQueue: true,
          socket: { reconnectStrategy: false, connectTimeout: 5_000 },
        })
        // Whoever uses it is told by what he asked.
        client.on('error', () => {})
        await client.connect()
        return client as Client
      },
      async (client) => client.destroy(),
    )
  }

  /** @throws {@link MissingClientError} */
  static async load(options: RedisTargetOptions): Promise<RedisTarget> {
    return new RedisTarget(options, await loadClient('redis', () => import('redis')))
  }

  deliver(event: EngineEvent, { signal }: { signal: AbortSignal }): Promise<void> {
    return this.#connection.use(signal, async (client) => {
      const { key, format } = this.#options
      if (event.name === 's3:TestEvent') {
        await client.ping()
      } else if (format === 'access') {
        const records = eventMessage(event, this.#options).Records
        await client.rPush(key, JSON.stringify([{ Event: records, EventTime: event.time.toISOString() }]))
      } else {
        const change = changeOfNamespace(event, this.#options)
        if (change.value === undefined) await client.hDel(key, change.key)
        else await client.hSet(key, change.key, change.value)
      }
    })
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}
