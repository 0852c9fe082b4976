import { type EngineEvent, type EventMessageOptions, type EventTarget, eventMessage } from '@aquifer/engine'
import { Connection } from './connection.js'
import { loadClient } from './load-client.js'

export interface NatsTargetOptions extends EventMessageOptions {
  /** `host:port`, or several separated by commas. */
  readonly address: string
  readonly subject: string
  readonly username?: string
  readonly password?: string
  readonly token?: string
  /**
   * Whether a stream of JetStream takes the subject, and says that it has each event. Without one NATS gives an event to whoever
   * listens at the moment, and says no more than that it has passed through. @defaultValue false
   */
  readonly jetStream?: boolean
}

type Nats = typeof import('@nats-io/transport-node')
type Client = Awaited<ReturnType<Nats['connect']>>

const ACKNOWLEDGED_WITHIN_MS = 5_000

/** Publishes events to a subject of NATS. Needs the package `@nats-io/transport-node`. */
export class NatsTarget implements EventTarget {
  readonly #options: NatsTargetOptions
  readonly #connection: Connection<Client>

  private constructor(options: NatsTargetOptions, nats: Nats) {
    this.#options = options
    this.#connection = new Connection(
      () => {
        const { address, username, password, token } = options
        return nats.connect({
          servers: address.split(','),
          reconnect: false,
          timeout: 5_000,
          ...(username === undefined ? {} : { user: username }),
          ...(password === undefined ? {} : { pass: password }),
          ...(token === undefined ? {} : { token }),
        })
      },
      (client) => client.close(),
    )
  }

  /** @throws {@link MissingClientError} */
  static async load(options: NatsTargetOptions): Promise<NatsTarget> {
    const nats = await loadClient('@nats-io/transport-node', () => import('@nats-io/transport-node'))
    return new NatsTarget(options, nats)
  }

  deliver(event: EngineEvent, { signal }: { signal: AbortSignal }): Promise<void> {
    return this.#connection.use(signal, async (client) => {
      const { subject, jetStream = false } = this.#options
      const message = JSON.stringify(eventMessage(event, this.#options))
      if (!jetStream) {
        client.publish(subject, message)
        await client.flush() // The server answers when it has all before it.
        return
      }
      const answer = await client.request(subject, message, { timeout: ACKNOWLEDGED_WITHIN_MS })
      const { stream, error } = answer.json<{ stream?: string; error?: { description?: string } }>()
      if (stream === undefined) throw new Error(error?.description ?? 'No stream has taken the event.')
    })
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}
