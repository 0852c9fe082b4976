import type { Value } from './register.js'

/** What one change does to one register. */
export type Effect =
  | { readonly on: string; readonly put: string; readonly md5?: string }
  /** It will hold what `copy` holds, which the answer may tell. */
  | { readonly on: string; readonly copy: string }
  | { readonly on: string; readonly erase: true }

/**
 * One line each, in the order in which things happened: a change is written down before it is asked for, and its
 * answer as soon as it is there. A process that is killed leaves its last line half written at the worst.
 */
export type HistoryEvent =
  | { readonly n: number; readonly begin: readonly Effect[] }
  | { readonly n: number; readonly end: 'acknowledged' | 'refused' | 'unknown'; readonly value?: string }
  | { readonly n: number; readonly look: string }
  /** What was seen there: one register's value, or those of all under a name, nothing left out. */
  | { readonly n: number; readonly saw: Value | null | { readonly [name: string]: string } }

export function parseEvents(text: string): HistoryEvent[] {
  const lines = text.split('\n')
  lines.pop() // What follows the last line break was not written to its end.
  return lines.map((line) => JSON.parse(line) as HistoryEvent)
}
