import type { AdapterRequest } from '../request.js'

/** Lower-case names; the values of a repeated header joined by a comma in order of arrival. */
export type HeaderMap = ReadonlyMap<string, string>

export function readHeaders(rawHeaders: AdapterRequest['rawHeaders']): Map<string, string> {
  const headers = new Map<string, string>()
  for (const [rawName, rawValue] of rawHeaders) {
    const name = rawName.toLowerCase()
    const value = trimBlanks(rawValue)
    const former = headers.get(name)
    headers.set(name, former === undefined ? value : `${former},${value}`)
  }
  return headers
}

/**
 * Takes spaces and tabs off both ends. `String.trim` would also take U+00A0 and U+0085, which in one character a
 * byte are the tails of letters such as "à".
 */
export function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09
