// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policies have such variables.
import type { PolicyPrincipal } from '@aquifer/engine'

/** Policies as they are written. */
export interface Document {
  readonly Version: string
  readonly Statement: readonly WrittenStatement[]
}
export interface WrittenStatement {
  readonly Effect: string
  readonly Principal?: '*' | { readonly AWS: readonly string[] }
  readonly NotPrincipal?: { readonly AWS: readonly string[] }
  readonly Action?: readonly string[]
  readonly NotAction?: readonly string[]
  readonly Resource?: readonly string[]
  readonly NotResource?: readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
}
export interface Situation {
  readonly identity: readonly Document[]
  readonly boundaries: readonly (readonly Document[])[]
  readonly bucket?: Document
}
export interface Asked {
  readonly principal: PolicyPrincipal
  readonly action: string
  readonly resource: string
  readonly context: ReadonlyMap<string, readonly string[]>
}

/**
 * What is allowed, told the long way round: every statement is looked at, from its text, and the answers are put
 * together by the four sentences of S3's documentation. It shares nothing with the engine's evaluator.
 */
export function judge({ identity, boundaries, bucket }: Situation, asked: Asked): string {
  const isRoot = asked.principal.type === 'root'
  const own = asked.principal.type === 'user' ? identity : []
  const mends = /^s3:(get|put|delete)bucketpolicy$/i.test(asked.action)
  const bucketOnly = bucket === undefined ? [] : [bucket]
  const mayDeny = [
    ...own,
    ...boundaries.flat(),
    ...(isRoot && mends && boundaries.length === 0 ? [] : bucketOnly),
  ]
  if (mayDeny.some((policy) => says(policy, 'Deny', asked))) return 'explicit-deny'
  const granted = [...own, ...bucketOnly].some((policy) => says(policy, 'Allow', asked))
  if (!granted && !isRoot) return 'implicit-deny'
  if (!boundaries.every((set) => set.some((policy) => says(policy, 'Allow', asked)))) return 'implicit-deny'
  return isRoot ? 'root' : 'allow'
}

const says = ({ Statement }: Document, effect: string, asked: Asked): boolean =>
  Statement.some((statement) => statement.Effect === effect && statementApplies(statement, asked))

export function statementApplies(statement: WrittenStatement, asked: Asked): boolean {
  const { Action, NotAction, Resource, NotResource, Principal, NotPrincipal, Condition = {} } = statement
  const action = asked.action.toLowerCase()
  const isAction = (Action ?? NotAction)!.some((text) => wild(text.toLowerCase()).test(action))
  if (isAction !== (Action !== undefined)) return false
  const isResource = (Resource ?? NotResource)!.some((text) => wild(text, asked).test(asked.resource))
  if (isResource !== (Resource !== undefined)) return false
  if (Principal !== undefined && Principal !== '*' && !Principal.AWS.some((name) => isCalled(name, asked)))
    return false
  if (NotPrincipal?.AWS.some((name) => isCalled(name, asked))) return false
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => conditionHolds(operator, key, wanted, asked)),
  )
}

function isCalled(name: string, { principal }: Asked): boolean {
  if (name === '*') return true
  if (principal.type === 'anonymous') return false
  if (principal.type === 'root') return name === 'arn:aws:iam:::root'
  if (principal.principalType === 'FederatedUser') return false
  return [principal.userName, `arn:aws:iam:::user/${principal.userName}`].includes(name)
}

function valuesOf(key: string, { principal, context }: Asked): readonly string[] {
  const user = principal.type === 'user' ? principal : undefined
  const ours = user?.principalType === 'FederatedUser' ? undefined : user
  const type = principal.type === 'anonymous' ? 'Anonymous' : (user?.principalType ?? 'Account')
  const kept = (value: string | undefined) => (value === undefined ? [] : [value])
  switch (key.toLowerCase()) {
    case 'aws:principaltype':
      return [type]
    case 'aws:username':
      return kept(ours?.userName)
    case 'aws:userid':
      return [principal.type === 'anonymous' ? 'anonymous' : principal.userId]
    case 'aws:groups':
      return user?.groups ?? []
    default:
      return context.get(key.toLowerCase()) ?? []
  }
}

/** Text with variables put in and its wildcards made a regular expression, which only a test may do. */
function wild(text: string, asked?: Asked): RegExp {
  let expression = ''
  for (const [piece, variable] of text.matchAll(/\$\{([^}]*)\}|./gsu)) {
    if (variable === undefined || asked === undefined)
      expression += piece === '*' ? '.*' : piece === '?' ? '.' : escaped(piece)
    else expression += substituted(variable, asked)
  }
  return new RegExp(`^${expression}$`, 'su')
}

/** A variable without a value, as an expression that nothing matches. */
function substituted(variable: string, asked: Asked): string {
  if (['*', '?', '$'].includes(variable)) return escaped(variable)
  const [key = '', fallback] = variable.split(', ')
  const values = valuesOf(key, asked)
  if (values.length === 1) return escaped(values[0]!)
  return fallback === undefined ? '(?!)' : escaped(fallback.slice(1, -1))
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

function conditionHolds(operator: string, key: string, wanted: readonly string[], asked: Asked): boolean {
  const found = valuesOf(key, asked)
  if (operator === 'Null') return wanted.includes(String(found.length === 0))
  const all = operator.startsWith('ForAllValues:')
  const any = operator.startsWith('ForAnyValue:')
  const base = operator.replace(/^For\w+:/, '').replace(/IfExists$/, '')
  const negated = /Not/.test(base)
  if (found.length === 0) return operator.endsWith('IfExists') || all || (negated && !any)
  const is = (value: string): boolean =>
    wanted.some((each) => compare(base.replace('Not', ''), each, value, asked))
  if (negated) {
    if (any) return found.some((value) => !is(value))
    return found.every((value) => !is(value))
  }
  return all ? found.every(is) : found.some(is)
}

function compare(operator: string, wanted: string, value: string, asked: Asked): boolean {
  const literal = () => wild(wanted.replaceAll(/(?<!\{)[*?]/g, '${$&}'), asked)
  switch (operator) {
    case 'StringEquals':
      return literal().test(value)
    case 'StringEqualsIgnoreCase':
      return new RegExp(literal().source, 'isu').test(value)
    case 'StringLike':
      return wild(wanted, asked).test(value)
    case 'Bool':
      return wanted === value
    case 'IpAddress':
      return bits(value).startsWith(bits(wanted.split('/')[0]!).slice(0, Number(wanted.split('/')[1] ?? 32)))
    case 'NumericEquals':
      return Number(value) === Number(wanted)
    case 'NumericLessThan':
      return Number(value) < Number(wanted)
    case 'NumericGreaterThanEquals':
      return Number(value) >= Number(wanted)
    case 'DateGreaterThan':
      return momentOf(value) > momentOf(wanted)
    case 'DateLessThanEquals':
      return momentOf(value) <= momentOf(wanted)
    default:
      throw new Error(`The reference has no ${operator}.`)
  }
}

const momentOf = (text: string): Date => new Date(/^\d{9,}$/.test(text) ? Number(text) * 1_000 : text)

const bits = (address: string): string =>
  address
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('')
