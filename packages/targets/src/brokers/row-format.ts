import type { EngineEvent, EventMessage, EventMessageOptions } from '@aquifer/engine'
import { eventMessage } from '@aquifer/engine'

/**
 * How a database keeps events, by AIStor's names: `namespace` has one entry for each key that is there, with the last event of it;
 * `access` has them all, with their times.
 */
export type RowFormat = 'namespace' | 'access'

/** What becomes of a key's entry by an event. */
export function changeOfNamespace(
  event: EngineEvent,
  options: EventMessageOptions,
): { readonly key: string; readonly value: string | undefined } {
  const message = eventMessage(event, options) as EventMessage
  const isGone = event.name.startsWith('s3:ObjectRemoved:') || event.name.startsWith('s3:Lifecycle')
  return { key: message.Key, value: isGone ? undefined : JSON.stringify({ Records: message.Records }) }
}
