import type { EventMessageOptions, EventTarget, EventTargetOptions } from '@aquifer/engine'
import { MissingClientError } from '@aquifer/targets'
import { CommandFailure } from '../failure.js'
import {
  type NotifyFields,
  type NotifyKind,
  type NotifyTargets,
  notifyFamilies,
} from '../settings/notify-variables.js'
import { isSwitchedOff } from '../settings/numbered-variables.js'
import { amqp, mqtt, nats, postgresql, redis } from './brokers.js'
import { webhook } from './webhook.js'

/** What targets are made with beside their own fields. */
export interface Surroundings {
  readonly message: EventMessageOptions
  /** Blocks of addresses of this machine that calls may go to. */
  readonly allowed: readonly string[]
}

/** One target as it was asked for, with the names its fields have in a complaint. */
export interface Asked<K extends NotifyKind> {
  readonly id: string
  readonly fields: NotifyFields<K>
  variable(field: string): string
}

type Make<K extends NotifyKind> = (
  asked: Asked<K>,
  surroundings: Surroundings,
) => EventTarget | Promise<EventTarget>

const makers: { readonly [K in NotifyKind]: Make<K> } = { webhook, redis, nats, amqp, mqtt, postgresql }

/**
 * The targets of events, `arn:minio:sqs::ID:TYPE`, that can be made of what was asked for.
 *
 * @throws {@link CommandFailure} `usage`, naming the variable that is wrong.
 */
export async function eventTargets(
  targets: NotifyTargets,
  surroundings: Surroundings,
): Promise<EventTargetOptions[]> {
  const made: EventTargetOptions[] = []
  for (const kind of Object.keys(makers) as NotifyKind[])
    for (const [id, fields] of targets[kind]) {
      if (isSwitchedOff(fields.ENABLE)) continue
      const variable = (field: string) => `AQUIFER_${notifyFamilies[kind].name}_${field}_${id}`
      const asked = { id, fields, variable }
      const bounds = boundsOf(asked)
      const target = await make(kind, asked, surroundings)
      made.push({ arn: `arn:minio:sqs::${id}:${kind}`, target, ...bounds })
    }
  return made
}

/** What cannot be made stops the start: nobody would learn of it later. */
async function make(
  kind: NotifyKind,
  asked: Asked<NotifyKind>,
  surroundings: Surroundings,
): Promise<EventTarget> {
  try {
    return await (makers[kind] as Make<NotifyKind>)(asked, surroundings)
  } catch (error) {
    if (!(error instanceof MissingClientError)) throw error
    const message = `The target "${asked.id}" of kind ${kind} cannot be made. ${error.message}`
    throw new CommandFailure('usage', message, 'Or leave the target out.', { cause: error })
  }
}

/** AIStor's limit of a queue is that of the backlog. */
function boundsOf({
  fields,
  variable,
}: Asked<NotifyKind>): Pick<EventTargetOptions, 'backlogMax' | 'whenFull'> {
  const { QUEUE_LIMIT: limit, WHEN_FULL: whenFull } = fields
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit))
    throw new CommandFailure(
      'usage',
      `${variable('QUEUE_LIMIT')} must be a whole number from 1 to 999999999, and is "${limit}".`,
      'It says how many events may wait.',
    )
  if (whenFull !== undefined && whenFull !== 'block' && whenFull !== 'drop')
    throw new CommandFailure(
      'usage',
      `${variable('WHEN_FULL')} must be block or drop, and is "${whenFull}".`,
      'block refuses writes while too many events wait; drop counts and lists what is missing.',
    )
  return {
    ...(limit === undefined ? {} : { backlogMax: Number(limit) }),
    ...(whenFull === undefined ? {} : { whenFull }),
  }
}

/** @throws {@link CommandFailure} `usage` */
export function required<K extends NotifyKind>(
  { fields, variable }: Asked<K>,
  field: keyof NotifyFields<K> & string,
  means: string,
): string {
  const value = fields[field] as string | undefined
  if (value !== undefined && value !== '') return value
  throw new CommandFailure('usage', `${variable(field)} is missing.`, means)
}
