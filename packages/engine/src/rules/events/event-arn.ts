/** What a target can be, as AIStor names the kinds. */
const TYPES = new Set([
  'amqp',
  'elasticsearch',
  'kafka',
  'mqtt',
  'mysql',
  'nats',
  'nsq',
  'postgresql',
  'redis',
  'webhook',
])
const ID = /^[A-Za-z0-9._-]{1,64}$/

export interface EventArn {
  readonly region: string
  readonly id: string
  readonly type: string
}

/** Undefined for what is no ARN of a target: `arn:minio:sqs:REGION:ID:TYPE`, whose region may be empty. */
export function parseEventArn(text: string): EventArn | undefined {
  const [arn, partition, service, region, id, type, ...more] = text.split(':')
  if (arn !== 'arn' || partition !== 'minio' || service !== 'sqs' || more.length > 0) return undefined
  if (region === undefined || id === undefined || type === undefined) return undefined
  return ID.test(id) && TYPES.has(type) ? { region, id, type } : undefined
}

/** The ARN without its region: what a target is called within a store. */
export const formatEventArn = ({ id, type }: Pick<EventArn, 'id' | 'type'>): string =>
  `arn:minio:sqs::${id}:${type}`
