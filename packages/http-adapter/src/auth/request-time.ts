import { S3Error } from '../s3-error.js'
import { parseDate } from '../wire/dates.js'
import { rememberingLast } from './remembering-last.js'
import type { HeaderMap } from './request-headers.js'

const ISO_BASIC = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/

/** Milliseconds since 1970 of `yyyymmddThhmmssZ`; `undefined` when it is not that or names no real moment. */
export const parseIsoBasic = rememberingLast((text): number | undefined => {
  const found = ISO_BASIC.exec(text)
  if (found === null) return undefined
  const [, year, month, day, hour, minute, second] = found.map(Number)
  return moment(year!, month! - 1, day!, hour!, minute!, second!)
})

export function formatIsoBasic(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
}

/** As error documents write a moment. */
export function formatIso(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}

function moment(...fields: [number, number, number, number, number, number]): number | undefined {
  const time = Date.UTC(...fields)
  const date = new Date(time)
  // `Date.UTC` carries the 31st of April over into May, and reads the years 0 to 99 as 1900 and later.
  const real =
    date.getUTCFullYear() === fields[0] &&
    date.getUTCMonth() === fields[1] &&
    date.getUTCDate() === fields[2] &&
    date.getUTCHours() === fields[3] &&
    date.getUTCMinutes() === fields[4] &&
    date.getUTCSeconds() === fields[5]
  return real ? time : undefined
}

/**
 * When a request says it was signed: by `x-amz-date`, else by `Date`.
 *
 * @throws {@link S3Error} `AccessDenied` when neither says it.
 */
export function readRequestTime(headers: HeaderMap): { time: number; timestamp: string } {
  const text = headers.get('x-amz-date') ?? headers.get('date') ?? ''
  const iso = parseIsoBasic(text)
  if (iso !== undefined) return { time: iso, timestamp: text }
  const time = parseDate(text)?.getTime()
  if (time === undefined)
    throw new S3Error('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header')
  return { time, timestamp: formatIsoBasic(time) }
}
