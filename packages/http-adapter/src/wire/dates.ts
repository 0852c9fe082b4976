const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const fixed =
  /^(?:[a-z]{3,9}, )?(\d{1,2})[ -]([a-z]{3})[ -](\d{4}|\d{2}) (\d{2}):(\d{2}):(\d{2}) (?:gmt|utc|z|[+-]0000)$/i
const ansiC = /^[a-z]{3} ([a-z]{3}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/i
const iso = /^(\d{4})-?(\d{2})-?(\d{2})t(\d{2}):?(\d{2}):?(\d{2})(?:\.(\d{1,9}))?(?:z|\+00:?00)$/i

/** A date in any form HTTP and S3 know: RFC 1123, RFC 850, asctime, ISO 8601 plain or basic. Always UTC. */
export function parseDate(text: string): Date | undefined {
  const trimmed = text.trim()
  const isoParts = iso.exec(trimmed)
  if (isoParts !== null) {
    const [, year, month, day, hour, minute, second, fraction] = isoParts
    const ms = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'))
    return exactDate(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
      ms,
    )
  }
  const fixedParts = fixed.exec(trimmed)
  if (fixedParts !== null) {
    const [, day, month, year, hour, minute, second] = fixedParts
    return exactDate(
      fullYear(year!),
      monthIndex(month!),
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
      0,
    )
  }
  const ansiCParts = ansiC.exec(trimmed)
  if (ansiCParts !== null) {
    const [, month, day, hour, minute, second, year] = ansiCParts
    return exactDate(
      Number(year),
      monthIndex(month!),
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
      0,
    )
  }
  return undefined
}

const withOffset = /^(\d{4}-\d{2}-\d{2}t\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)([+-])(\d{2}):(\d{2})$/i

/** RFC 3339, as JSON has times: with the offset of a clock that is not set to UTC. */
export function parseRfc3339(text: string): Date | undefined {
  if (!/^\d{4}-/.test(text)) return undefined
  const parts = withOffset.exec(text)
  if (parts === null) return parseDate(text)
  const [, local, sign, hours, minutes] = parts
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined
  const date = parseDate(`${local}Z`)
  const aheadMs = (Number(hours) * 60 + Number(minutes)) * 60_000
  return date && new Date(date.getTime() + (sign === '+' ? -aheadMs : aheadMs))
}

/** Two digits mean 1970 to 2069: S3 is younger than the older half of that. */
const fullYear = (text: string): number => {
  const year = Number(text)
  if (text.length === 4) return year
  return year < 70 ? 2000 + year : 1900 + year
}

const monthIndex = (name: string): number => months.indexOf(name.toLowerCase())

function exactDate(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  ms: number,
): Date | undefined {
  const date = new Date(Date.UTC(year, month, day, hour, minute, second, ms))
  // Date.UTC carries over what does not exist, such as the 31st of February: such a date is none.
  const same = date.getUTCMonth() === month && date.getUTCDate() === day && date.getUTCHours() === hour
  return same && date.getUTCMinutes() === minute && date.getUTCSeconds() === second ? date : undefined
}

/** As headers carry dates: RFC 1123, whole seconds. */
export const httpDate = (date: Date): string => date.toUTCString()

const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
const threeDigits = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, '0'))
const DAY_MS = 86_400_000
/** What was written last up to the hour: a listing has a thousand dates, most of them of few days. */
let lastDay = { ms: Number.NaN, text: '' }

/** As XML carries dates: ISO 8601 with milliseconds. It is `toISOString`, several times faster within a day. */
export function xmlDate(date: Date): string {
  const ms = date.getTime()
  const dayMs = Math.floor(ms / DAY_MS) * DAY_MS
  if (dayMs !== lastDay.ms) lastDay = { ms: dayMs, text: new Date(dayMs).toISOString().slice(0, -13) }
  const seconds = Math.floor((ms - dayMs) / 1_000)
  const hour = twoDigits[Math.floor(seconds / 3_600)]!
  const minute = twoDigits[Math.floor(seconds / 60) % 60]!
  return `${lastDay.text}${hour}:${minute}:${twoDigits[seconds % 60]!}.${threeDigits[(ms - dayMs) % 1_000]!}Z`
}
