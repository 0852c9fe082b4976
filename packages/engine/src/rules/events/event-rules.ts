import type { EventFilter, EventName } from '../../contract/events.js'
import { nameFor } from './event-names.js'

/** A filter as it is asked, again and again, of what happens. */
export interface EventRule {
  /** Whose backlog the event goes to. */
  readonly target: string
  readonly names: ReadonlySet<string>
  readonly prefix: string
  readonly suffix: string
  /** Of this bucket alone. */
  readonly bucket?: string
}

/** What is to be told of, where there is anything at all. */
export type EventRules = readonly EventRule[]

export const toEventRule = (target: string, filter: EventFilter, bucket?: string): EventRule => ({
  target,
  names: new Set(filter.names),
  prefix: filter.prefix ?? '',
  suffix: filter.suffix ?? '',
  ...(bucket === undefined ? {} : { bucket }),
})

/**
 * Who is to be told, and by which of its names: each target once, however many of its rules match. Prefix and suffix are
 * asked each for itself, as they stand. Source: S3 User Guide, "Configuring event notifications using object key name
 * filtering"; AIStor matches both together as one pattern, in which `*` stands for anything.
 */
export function targetsOf(
  rules: EventRules,
  event: {
    readonly name: EventName
    readonly bucket: string
    readonly key: string
    readonly isLifecycle?: boolean
  },
): ReadonlyMap<string, EventName> {
  const told = new Map<string, EventName>()
  for (const { target, names, prefix, suffix, bucket } of rules) {
    if (bucket !== undefined && bucket !== event.bucket) continue
    if (told.has(target) || !event.key.startsWith(prefix) || !event.key.endsWith(suffix)) continue
    const name = nameFor(event.name, names, event)
    if (name !== undefined) told.set(target, name)
  }
  return told
}
