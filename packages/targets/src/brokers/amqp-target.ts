import { type EngineEvent, type EventMessageOptions, type EventTarget, eventMessage } from '@aquifer/engine'
import type { ChannelModel, ConfirmChannel } from 'amqplib'
import { Connection } from './connection.js'
import { loadClient } from './load-client.js'

export interface AmqpTargetOptions extends EventMessageOptions {
  /** Such as `amqp://user:password@localhost:5672`. */
  readonly url: string
  /** Made when it is not there; `''` is the one that every queue is bound to by its name. */
  readonly exchange: string
  /** @defaultValue 'direct' */
  readonly exchangeType?: string
  readonly routingKey: string
  /** Whether exchange and messages outlive a restart of the broker. @defaultValue true */
  readonly durable?: boolean
}

interface Client {
  readonly model: ChannelModel
  readonly channel: ConfirmChannel
}

/** Publishes events to an exchange of AMQP 0.9.1, confirmed by the broker. Needs the package `amqplib`. */
export class AmqpTarget implements EventTarget {
  readonly #options: AmqpTargetOptions
  readonly #connection: Connection<Client>

  private constructor(options: AmqpTargetOptions, amqp: typeof import('amqplib')) {
    this.#options = options
    this.#connection = new Connection(
      async () => {
        const { url, exchange, exchangeType = 'direct', durable = true } = options
        const model = await amqp.connect(url, { timeout: 5_000 })
        model.on('error', () => {}) // Whoever uses it is told by what he asked.
        const channel = await model.createConfirmChannel()
        channel.on('error', () => {})
        if (exchange !== '') await channel.assertExchange(exchange, exchangeType, { durable })
        return { model, channel }
      },
      ({ model }) => model.close(),
    )
  }

  /** @throws {@link MissingClientError} */
  static async load(options: AmqpTargetOptions): Promise<AmqpTarget> {
    const amqp = await loadClient('amqplib', () => import('amqplib'))
    // What is no ES module has its names on the default as well, and some loaders see them only there.
    return new AmqpTarget(options, (amqp as { default?: typeof import('amqplib') }).default ?? amqp)
  }

  deliver(event: EngineEvent, { signal }: { signal: AbortSignal }): Promise<void> {
    return this.#connection.use(signal, ({ channel, model }) => {
      const { exchange, routingKey, durable = true } = this.#options
      const message = Buffer.from(JSON.stringify(eventMessage(event, this.#options)))
      const properties = { contentType: 'application/json', persistent: durable }
      return new Promise<void>((resolve, reject) => {
        const lost = () => reject(new Error('The broker closed the connection.'))
        model.once('close', lost)
        channel.publish(exchange, routingKey, message, properties, (error) => {
          model.off('close', lost)
          if (error) reject(new Error('The broker did not take the event.', { cause: error }))
          else resolve()
        })
      })
    })
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}
