const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const ISO_BASIC = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/
const RFC_1123 = /^[A-Z][a-z]{2}, (\d\d?) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|UTC|\+0000)$/
const RFC_850 = /^[A-Z][a-z]{5,8}, (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d):(\d\d):(\d\d) GMT$/
const ASCTIME = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) [ ]?(\d\d?) (\d\d):(\d\d):(\d\d) (\d{4})$/

/** Milliseconds since 1970 of `yyyymmddThhmmssZ`; `undefined` when it is not that or names no real moment. */
export function parseIsoBasic(text: string): number | undefined {
  const found = ISO_BASIC.exec(text)
  if (found === null) return undefined
  const [, year, month, day, hour, minute, second] = found.map(Number)
  return moment(year!, month! - 1, day!, hour!, minute!, second!)
}

/** Also takes the three date forms of HTTP (RFC 9110 §5.6.7). */
export function parseRequestTime(text: string): number | undefined {
  const iso = parseIsoBasic(text)
  if (iso !== undefined) return iso
  let found = RFC_1123.exec(text)
  if (found !== null) return fromWords(found[3]!, found[2]!, found[1]!, found.slice(4))
  found = RFC_850.exec(text)
  if (found !== null) return fromWords(`20${found[3]}`, found[2]!, found[1]!, found.slice(4))
  found = ASCTIME.exec(text)
  if (found !== null) return fromWords(found[6]!, found[1]!, found[2]!, found.slice(3, 6))
  return undefined
}

export function formatIsoBasic(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
}

/** As error documents write a moment. */
export function formatIso(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}

function fromWords(year: string, month: string, day: string, clock: readonly string[]): number | undefined {
  const index = MONTHS.indexOf(month.toLowerCase())
  if (index === -1) return undefined
  const [hour, minute, second] = clock.map(Number)
  return moment(Number(year), index, Number(day), hour!, minute!, second!)
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
