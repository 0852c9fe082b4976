import { parseDate } from '../wire/dates.js'

const DAY_MS = 24 * 60 * 60 * 1_000

/** Whole days, of which one that has begun is one, so that no limit is passed by a part of a day. */
export function daysUntil(date: string | undefined, now: number): string | undefined {
  const until = date === undefined ? undefined : parseDate(date)?.getTime()
  return until === undefined ? undefined : String(Math.ceil((until - now) / DAY_MS))
}
