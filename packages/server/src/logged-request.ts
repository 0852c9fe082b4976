import type { RequestHead } from '@aquifer/http-adapter'
import { CommandFailure } from './failure.js'

export interface LoggedRequest extends RequestHead {
  /** What the answer shown with it says as its Date. */
  readonly answeredAt?: Date
}

const REQUEST_LINE = /^([A-Z]+) (\S+)(?: HTTP\/\d(?:\.\d)?)?$/
const HEADER = /^([\w!#$%&'*+\-.^`|~]+):[ \t]*(.*)$/
const ANSWER_DATE = /^< date: (.+)$/im

/**
 * Reads the head of a request out of what people have: the head itself, all that `curl -v` printed, or a presigned
 * URL alone, which is a GET.
 *
 * @param text One character a byte.
 * @throws {@link CommandFailure} `usage`, which repeats nothing of it: a signed request is as good as a password.
 */
export function readLoggedRequest(text: string): LoggedRequest {
  const lines = headLines(text.split(/\r?\n/))
  const [first = '', ...rest] = lines
  const [, method, target] = REQUEST_LINE.exec(/^https?:\/\/\S+$/.test(first) ? `GET ${first}` : first) ?? []
  if (method === undefined || target === undefined)
    throw unreadable('There is no request line, such as "GET /bucket/key HTTP/1.1", in it.')
  const rawHeaders = rest.map((line, at): [string, string] => {
    const [, name, value] = HEADER.exec(line) ?? []
    if (name === undefined) throw unreadable(`Line ${at + 2} of the request is no header, such as "Host: …".`)
    return [name, value!]
  })
  const [, answeredAt] = ANSWER_DATE.exec(text) ?? []
  return {
    method,
    rawUrl: target,
    rawHeaders: [...hostOf(target, rawHeaders), ...rawHeaders],
    secure: false,
    ...(answeredAt === undefined || Number.isNaN(Date.parse(answeredAt))
      ? {}
      : { answeredAt: new Date(answeredAt) }),
  }
}

/** Of many requests that curl made, the last: the others were redirected. */
function headLines(lines: readonly string[]): string[] {
  const starts = lines.flatMap((line, at) =>
    isSent(line) && REQUEST_LINE.test(withoutMark(line)) ? [at] : [],
  )
  const last = starts.at(-1)
  const head =
    last === undefined ? withoutBlankStart(lines) : lines.slice(last).filter(isSent).map(withoutMark)
  const end = head.indexOf('')
  return end === -1 ? head : head.slice(0, end)
}

const isSent = (line: string): boolean => line.startsWith('>')
const withoutMark = (line: string): string => line.replace(/^> ?/, '')

function withoutBlankStart(lines: readonly string[]): string[] {
  const trimmed = lines.map((line) => line.trimEnd())
  return trimmed.slice(trimmed.findIndex((line) => line !== ''))
}

/** A URL alone names its host itself. */
function hostOf(target: string, headers: readonly (readonly [string, string])[]): [string, string][] {
  if (!URL.canParse(target) || headers.some(([name]) => name.toLowerCase() === 'host')) return []
  return [['host', new URL(target).host]]
}

const unreadable = (what: string): CommandFailure =>
  new CommandFailure(
    'usage',
    what,
    'Give the request line and the headers as they were sent, or all that "curl -v" printed.',
  )
