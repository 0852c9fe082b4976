import type { NumberedFamily } from './numbered-variables.js'

/** What every target of events can be told. Where events wait is the store's own, so that there is no queue's directory to name. */
const common = ['ENABLE', 'QUEUE_DIR', 'QUEUE_LIMIT', 'WHEN_FULL', 'COMMENT'] as const

/** The kinds of targets, by the type in their ARNs: AIStor's names, with `WHEN_FULL` of our own. */
export const notifyFamilies = {
  webhook: {
    name: 'NOTIFY_WEBHOOK',
    fields: ['ENDPOINT', 'AUTH_TOKEN', 'CLIENT_CERT', 'CLIENT_KEY', ...common],
  },
  redis: { name: 'NOTIFY_REDIS', fields: ['ADDRESS', 'KEY', 'FORMAT', 'USER', 'PASSWORD', ...common] },
  nats: {
    name: 'NOTIFY_NATS',
    fields: ['ADDRESS', 'SUBJECT', 'USERNAME', 'PASSWORD', 'TOKEN', 'JETSTREAM', ...common],
  },
  amqp: {
    name: 'NOTIFY_AMQP',
    // A field that another begins with comes behind it.
    fields: ['URL', 'EXCHANGE_TYPE', 'EXCHANGE', 'ROUTING_KEY', 'DURABLE', ...common],
  },
  mqtt: { name: 'NOTIFY_MQTT', fields: ['BROKER', 'TOPIC', 'QOS', 'USERNAME', 'PASSWORD', ...common] },
  postgresql: { name: 'NOTIFY_POSTGRES', fields: ['CONNECTION_STRING', 'TABLE', 'FORMAT', ...common] },
} as const satisfies Readonly<Record<string, NumberedFamily<string>>>

export type NotifyKind = keyof typeof notifyFamilies

export type NotifyFields<K extends NotifyKind = NotifyKind> = {
  readonly [F in (typeof notifyFamilies)[K]['fields'][number]]?: string
}

/** The targets of each kind, by their ids, as they were asked for. */
export type NotifyTargets = { readonly [K in NotifyKind]: ReadonlyMap<string, NotifyFields<K>> }
