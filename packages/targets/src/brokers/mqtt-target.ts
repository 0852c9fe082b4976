import { type EngineEvent, type EventMessageOptions, type EventTarget, eventMessage } from '@aquifer/engine'
import type { MqttClient } from 'mqtt'
import { Connection } from './connection.js'
import { loadClient } from './load-client.js'

export interface MqttTargetOptions extends EventMessageOptions {
  /** Such as `tcp://localhost:1883`. */
  readonly url: string
  readonly topic: string
  /** With 0 the broker does not say that it has an event. @defaultValue 1 */
  readonly qos?: 0 | 1 | 2
  readonly username?: string
  readonly password?: string
}

/** Publishes events to a topic of MQTT. Needs the package `mqtt`. */
export class MqttTarget implements EventTarget {
  readonly #options: MqttTargetOptions
  readonly #connection: Connection<MqttClient>

  private constructor(options: MqttTargetOptions, { connectAsync }: typeof import('mqtt')) {
    this.#options = options
    this.#connection = new Connection(
      async () => {
        const { url, username, password } = options
        const client = await connectAsync(
          url,
          {
            ...(username === undefined ? {} : { username }),
            ...(password === undefined ? {} : { password }),
            reconnectPeriod: 0,
            connectTimeout: 5_000,
            queueQoSZero: false,
          },
          false,
        )
        client.on('error', () => {}) // Whoever uses it is told by what he asked.
        return client
      },
      (client) => client.endAsync(true),
    )
  }

  /** @throws {@link MissingClientError} */
  static async load(options: MqttTargetOptions): Promise<MqttTarget> {
    const mqtt = await loadClient('mqtt', () => import('mqtt'))
    return new MqttTarget(options, (mqtt as { default?: typeof import('mqtt') }).default ?? mqtt)
  }

  deliver(event: EngineEvent, { signal }: { signal: AbortSignal }): Promise<void> {
    return this.#connection.use(signal, async (client) => {
      if (!client.connected) throw new Error('The broker closed the connection.')
      const { topic, qos = 1 } = this.#options
      const message = JSON.stringify(eventMessage(event, this.#options))
      await whileOpen(client, client.publishAsync(topic, message, { qos }))
    })
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}

/** The client itself goes on waiting for an answer that a closed connection no longer brings. */
async function whileOpen<T>(client: MqttClient, answer: Promise<T>): Promise<T> {
  let isGone: () => void = () => {}
  const gone = new Promise<never>((_, reject) => {
    isGone = () => reject(new Error('The broker closed the connection.'))
    client.once('close', isGone)
  })
  try {
    return await Promise.race([answer, gone])
  } finally {
    client.removeListener('close', isGone)
  }
}
