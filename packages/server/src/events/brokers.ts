import {
  AmqpTarget,
  MqttTarget,
  NatsTarget,
  PostgresqlTarget,
  RedisTarget,
  type RowFormat,
} from '@aquifer/targets'
import { CommandFailure } from '../failure.js'
import type { NotifyKind } from '../settings/notify-variables.js'
import { isSwitchedOff } from '../settings/numbered-variables.js'
import { type Asked, required, type Surroundings } from './event-targets.js'

export function redis(asked: Asked<'redis'>, { message }: Surroundings): Promise<RedisTarget> {
  const { USER: username, PASSWORD: password } = asked.fields
  const address = required(asked, 'ADDRESS', 'It says where Redis is, as in redis.internal:6379.')
  return RedisTarget.load({
    ...message,
    url: address.includes('://') ? address : `redis://${address}`,
    key: required(asked, 'KEY', 'It names the hash or the list that events are kept in.'),
    format: formatOf(asked),
    ...(username && { username }),
    ...(password && { password }),
  })
}

export function nats(asked: Asked<'nats'>, { message }: Surroundings): Promise<NatsTarget> {
  const { USERNAME: username, PASSWORD: password, TOKEN: token } = asked.fields
  return NatsTarget.load({
    ...message,
    address: required(asked, 'ADDRESS', 'It says where NATS is, as in nats.internal:4222.'),
    subject: required(asked, 'SUBJECT', 'It names the subject that events are published to.'),
    jetStream: isOn(asked, 'JETSTREAM', false),
    ...(username && { username }),
    ...(password && { password }),
    ...(token && { token }),
  })
}

export function amqp(asked: Asked<'amqp'>, { message }: Surroundings): Promise<AmqpTarget> {
  const { EXCHANGE: exchange = '', EXCHANGE_TYPE: exchangeType } = asked.fields
  return AmqpTarget.load({
    ...message,
    url: required(
      asked,
      'URL',
      'It says where the broker is, as in amqp://user:password@rabbit.internal:5672.',
    ),
    exchange,
    routingKey: required(asked, 'ROUTING_KEY', 'It says where the exchange routes events to.'),
    durable: isOn(asked, 'DURABLE', true),
    ...(exchangeType && { exchangeType }),
  })
}

export function mqtt(asked: Asked<'mqtt'>, { message }: Surroundings): Promise<MqttTarget> {
  const { USERNAME: username, PASSWORD: password, QOS: qos = '1' } = asked.fields
  if (!/^[012]$/.test(qos)) throw wrong(asked, 'QOS', '0, 1 or 2', qos)
  return MqttTarget.load({
    ...message,
    url: required(asked, 'BROKER', 'It says where the broker is, as in tcp://mosquitto.internal:1883.'),
    topic: required(asked, 'TOPIC', 'It names the topic that events are published to.'),
    qos: Number(qos) as 0 | 1 | 2,
    ...(username && { username }),
    ...(password && { password }),
  })
}

export async function postgresql(
  asked: Asked<'postgresql'>,
  { message }: Surroundings,
): Promise<PostgresqlTarget> {
  const table = required(asked, 'TABLE', 'It names the table that events are kept in.')
  const connectionString = required(asked, 'CONNECTION_STRING', 'It says where the database is.')
  try {
    return await PostgresqlTarget.load({ ...message, connectionString, table, format: formatOf(asked) })
  } catch (error) {
    throw error instanceof TypeError ? wrong(asked, 'TABLE', 'a name of a table', table) : error
  }
}

function formatOf(asked: Asked<'redis'> | Asked<'postgresql'>): RowFormat {
  const { FORMAT: format = 'namespace' } = asked.fields
  if (format === 'namespace' || format === 'access') return format
  throw wrong(asked, 'FORMAT', 'namespace or access', format)
}

function isOn<K extends NotifyKind>(
  asked: Asked<K>,
  field: keyof Asked<K>['fields'] & string,
  preset: boolean,
): boolean {
  const text = asked.fields[field] as string | undefined
  if (text === undefined) return preset
  if (/^(on|true|yes|1)$/i.test(text)) return true
  if (isSwitchedOff(text)) return false
  throw wrong(asked, field, 'on or off', text)
}

const wrong = (
  { variable }: { variable(field: string): string },
  field: string,
  rule: string,
  text: string,
): CommandFailure =>
  new CommandFailure('usage', `${variable(field)} must be ${rule}, and is "${text}".`, 'See docs/events.md.')
