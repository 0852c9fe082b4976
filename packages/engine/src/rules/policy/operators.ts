import { isArnPattern, matchArn } from './arn.js'
import { isInRange, isIpRange } from './ip-range.js'
import { matchPattern, type Pattern, type PatternOptions, type Resolve, textOf } from './pattern.js'

/** How a condition compares: one of the table's operators, and what stands before and after its name. */
export interface Operator extends Comparison {
  /** As written, such as `ForAnyValue:StringLikeIfExists`. */
  readonly name: string
  /** Of several values that a request has: one must hold (`any`), each must (`all`). */
  readonly of?: 'any' | 'all'
  readonly ifExists: boolean
}

interface Comparison {
  readonly kind: 'comparison' | 'null'
  /** Holds when the other one does not. */
  readonly negated: boolean
  readonly pattern: PatternOptions
  /** What a value must be. */
  readonly values: 'text' | 'number' | 'date' | 'boolean' | 'base64' | 'address range' | 'ARN'
  readonly matches: (pattern: Pattern, value: string, resolve: Resolve) => boolean
}

type Matches = Comparison['matches']
type Values = Comparison['values']

const plain: PatternOptions = { wildcards: false, variables: false }
const withVariables: PatternOptions = { wildcards: false, variables: true }
const withWildcards: PatternOptions = { wildcards: true, variables: true }

const comparison = (values: Values, pattern: PatternOptions, matches: Matches): Comparison => ({
  kind: 'comparison',
  negated: false,
  pattern,
  values,
  matches,
})
const not = (comparison: Comparison): Comparison => ({ ...comparison, negated: true })

const stringEquals = comparison(
  'text',
  withVariables,
  (pattern, value, resolve) => textOf(pattern, resolve) === value,
)
const stringEqualsIgnoreCase = comparison('text', withVariables, (pattern, value, resolve) => {
  return textOf(pattern, resolve)?.toLowerCase() === value.toLowerCase()
})
const stringLike = comparison('text', withWildcards, matchPattern)
const arnLike = comparison('ARN', withWildcards, matchArn)
const ipAddress = comparison('address range', plain, ({ source }, value) => isInRange(value, source))
const numeric = (holds: (value: number, wanted: number) => boolean): Comparison =>
  comparison('number', plain, ({ source }, value) => holds(parseNumber(value), parseNumber(source)))
const date = (holds: (value: number, wanted: number) => boolean): Comparison =>
  comparison('date', plain, ({ source }, value) => holds(parseDate(value), parseDate(source)))
const equal = (value: number, wanted: number): boolean => value === wanted

/** Source: IAM User Guide, "IAM JSON policy elements: Condition operators". */
const comparisons: ReadonlyMap<string, Comparison> = new Map([
  ['StringEquals', stringEquals],
  ['StringNotEquals', not(stringEquals)],
  ['StringEqualsIgnoreCase', stringEqualsIgnoreCase],
  ['StringNotEqualsIgnoreCase', not(stringEqualsIgnoreCase)],
  ['StringLike', stringLike],
  ['StringNotLike', not(stringLike)],
  ['ArnEquals', arnLike],
  ['ArnLike', arnLike],
  ['ArnNotEquals', not(arnLike)],
  ['ArnNotLike', not(arnLike)],
  ['NumericEquals', numeric(equal)],
  ['NumericNotEquals', not(numeric(equal))],
  ['NumericLessThan', numeric((value, wanted) => value < wanted)],
  ['NumericLessThanEquals', numeric((value, wanted) => value <= wanted)],
  ['NumericGreaterThan', numeric((value, wanted) => value > wanted)],
  ['NumericGreaterThanEquals', numeric((value, wanted) => value >= wanted)],
  ['DateEquals', date(equal)],
  ['DateNotEquals', not(date(equal))],
  ['DateLessThan', date((value, wanted) => value < wanted)],
  ['DateLessThanEquals', date((value, wanted) => value <= wanted)],
  ['DateGreaterThan', date((value, wanted) => value > wanted)],
  ['DateGreaterThanEquals', date((value, wanted) => value >= wanted)],
  ['Bool', comparison('boolean', plain, ({ source }, value) => source.toLowerCase() === value.toLowerCase())],
  [
    'BinaryEquals',
    comparison('base64', plain, ({ source }, value) => Buffer.from(value).equals(fromBase64(source))),
  ],
  ['IpAddress', ipAddress],
  ['NotIpAddress', not(ipAddress)],
  ['Null', { ...comparison('boolean', plain, () => false), kind: 'null' }],
])

/** `undefined`: there is no such operator. */
export function parseOperator(name: string): Operator | undefined {
  const {
    qualifier,
    base = '',
    ifExists,
  } = /^(?:(?<qualifier>ForAnyValue|ForAllValues):)?(?<base>\w+?)(?<ifExists>IfExists)?$/.exec(name)
    ?.groups ?? {}
  const found = comparisons.get(base)
  if (found === undefined) return undefined
  if (found.kind === 'null' && name !== 'Null') return undefined
  const of = qualifier === undefined ? {} : ({ of: qualifier === 'ForAnyValue' ? 'any' : 'all' } as const)
  return { ...found, name, ...of, ifExists: ifExists !== undefined }
}

const checks: Readonly<Record<Values, (value: string, pattern: Pattern) => boolean>> = {
  text: () => true,
  number: (value) => !Number.isNaN(parseNumber(value)),
  date: (value) => !Number.isNaN(parseDate(value)),
  boolean: (value) => /^(?:true|false)$/i.test(value),
  base64: (value) => fromBase64(value).toString('base64') === value,
  'address range': isIpRange,
  ARN: (_, pattern) => isArnPattern(pattern),
}

/** Whether a policy may ask for such a value. */
export const isValueFor = ({ values }: Operator, pattern: Pattern): boolean =>
  checks[values](pattern.source, pattern)

const fromBase64 = (text: string): Buffer => Buffer.from(text, 'base64')

/** `NaN`, which is neither equal nor less nor more, for what is no number. */
function parseNumber(text: string): number {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN
}

const ISO = /^\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?)?)?$/

/** Seconds since 1970, or a time as the W3C's profile of ISO 8601 writes it. */
function parseDate(text: string): number {
  if (/^\d{5,}(?:\.\d+)?$/.test(text)) return Number(text) * 1_000
  return ISO.test(text) ? Date.parse(text) : Number.NaN
}
