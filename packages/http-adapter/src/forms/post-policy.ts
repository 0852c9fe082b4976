import { S3Error } from '../s3-error.js'
import { parseDate } from '../wire/dates.js'

/** What a form must be like, as whoever signed it has written down. */
export interface PostPolicy {
  /** Milliseconds since 1970 from which the form is no longer taken. */
  readonly expiration: number
  readonly conditions: readonly PostCondition[]
}

export type PostCondition = {
  /** As errors show it, which is how S3 writes it. */
  readonly text: string
} & (
  | { readonly kind: 'eq' | 'starts-with'; readonly field: string; readonly value: string }
  | { readonly kind: 'content-length-range'; readonly minimum: number; readonly maximum: number }
  /** One that says nothing we know. It never holds. */
  | { readonly kind: 'unknown' }
)

/**
 * Reads the `policy` field. A document that is no policy is refused; a condition in it that cannot be understood is one
 * that does not hold. Source: S3 API Reference, "Creating a POST policy".
 *
 * @throws {@link S3Error} `InvalidPolicyDocument`
 */
export function parsePostPolicy(base64: string): PostPolicy {
  const { expiration, conditions, ...others } = readMembers(parseJson(decodeBase64(base64)))
  if (expiration === undefined) throw invalid('Policy missing expiration.')
  if (conditions === undefined) throw invalid('Policy missing conditions.')
  const [unexpected] = Object.keys(others)
  if (unexpected !== undefined) throw invalid(`Unexpected: '${unexpected}'`)
  if (!Array.isArray(conditions)) throw invalid("Invalid 'conditions' value: must be a List.")
  return { expiration: readExpiration(expiration), conditions: conditions.map(readCondition) }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decodeBase64(base64: string): string {
  // Encoders that break lines are common.
  const digits = base64.replace(/[ \t\r\n]/g, '')
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) throw invalid('Invalid Base64.')
  try {
    return utf8.decode(Buffer.from(digits, 'base64'))
  } catch {
    throw invalid('Invalid UTF-8.')
  }
}

function parseJson(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json)
    // What is given twice would mean one thing here and another to who wrote it.
    if (countMembers(value) === countNames(json)) return value
  } catch {
    // Refused below.
  }
  throw invalid('Invalid JSON.')
}

/** Strings of the text that a colon follows: each is a member's name. */
function countNames(json: string): number {
  let count = 0
  for (const [, colon] of json.matchAll(/"(?:[^"\\]|\\.)*"[ \t\r\n]*(:?)/g)) if (colon === ':') count++
  return count
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const children = Object.values(value)
  return children.reduce<number>(
    (sum, child) => sum + countMembers(child),
    Array.isArray(value) ? 0 : children.length,
  )
}

function readMembers(value: unknown): { [name: string]: unknown } {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw invalid('Invalid JSON.')
}

function readExpiration(value: unknown): number {
  const isIso = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(value)
  const date = isIso ? parseDate(value) : undefined
  if (date === undefined) throw invalid(`Invalid 'expiration' value: '${String(value)}'`)
  return date.getTime()
}

function readCondition(value: unknown): PostCondition {
  if (Array.isArray(value)) return readListed(value)
  if (typeof value !== 'object' || value === null)
    throw invalid("Invalid 'conditions' value: each condition must be a List or a JSON Object.")
  const [member, ...others] = Object.entries(value)
  if (member === undefined || others.length > 0)
    throw invalid('Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.')
  const [name, wanted] = member
  if (typeof wanted !== 'string') throw invalid('Invalid Simple-Condition: value must be a string.')
  return comparison('eq', `$${name}`, wanted)
}

function readListed(list: readonly unknown[]): PostCondition {
  const [operator, first, second] = list
  const kind = typeof operator === 'string' ? operator.toLowerCase() : ''
  if (list.length === 3 && kind === 'content-length-range') {
    const [minimum, maximum] = [readSize(first), readSize(second)]
    if (minimum !== undefined && maximum !== undefined) return { kind, minimum, maximum, text: shown(list) }
  }
  const isComparison = kind === 'eq' || kind === 'starts-with'
  if (list.length === 3 && isComparison && isFieldName(first) && typeof second === 'string')
    return comparison(kind, first, second)
  return { kind: 'unknown', text: shown(list) }
}

const comparison = (kind: 'eq' | 'starts-with', name: string, value: string): PostCondition => ({
  kind,
  field: name.slice(1).toLowerCase(),
  value,
  text: shown([kind, name, value]),
})

const isFieldName = (value: unknown): value is string => typeof value === 'string' && value.startsWith('$')

/** Some write numbers as text. */
function readSize(value: unknown): number | undefined {
  const size = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  return typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 ? size : undefined
}

const shown = (list: readonly unknown[]): string => `[${list.map((item) => JSON.stringify(item)).join(', ')}]`

const invalid = (what: string): S3Error => new S3Error('InvalidPolicyDocument', `Invalid Policy: ${what}`)
