import type { PolicyKind } from '../../contract/policy.js'
import { malformedPolicy } from '../../errors.js'
import { actionLevels } from './actions.js'
import type { Json, JsonObject } from './json.js'
import { membersOf, textsOf } from './members.js'
import { parseConditions } from './parse-conditions.js'
import { matchPattern, type Pattern, parsePattern } from './pattern.js'
import { isPrincipalName } from './principals.js'
import type { Choice, PrincipalPattern, Statement } from './statement.js'

/** What a statement is read by. */
export interface StatementContext {
  readonly kind: PolicyKind
  /** Whether `${…}` is a variable. */
  readonly variables: boolean
  readonly bucket?: string
}

const FIELDS = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
] as const

export function parseStatement(statement: JsonObject, where: string, context: StatementContext): Statement {
  const fields = membersOf(statement, FIELDS, where)
  const sid = readSid(fields.Sid, `${where}.Sid`)
  const effect = readEffect(fields.Effect, where)
  const principals = readPrincipals(fields, effect, where, context)
  const actions = readChoice(fields, 'Action', where, parseAction)
  if (actions === undefined) throw malformedPolicy('Missing required field Action', where)
  const resources = readChoice(fields, 'Resource', where, (text, at) => parseResource(text, at, context))
  if (
    resources === undefined &&
    actionsOf(actions).some((action) => !action.startsWith('admin:') && !action.startsWith('sts:'))
  )
    throw malformedPolicy('Missing required field Resource', where)
  const conditions = parseConditions(fields.Condition, actionsOf(actions), `${where}.Condition`, context)
  return {
    ...(sid !== undefined && { sid }),
    effect,
    ...(principals && { principals }),
    actions,
    ...(resources && { resources }),
    conditions,
  }
}

function readSid(sid: Json | undefined, where: string): string | undefined {
  if (sid === undefined || typeof sid === 'string') return sid
  throw malformedPolicy('The statement has a Sid that is no text', where)
}

function readEffect(effect: Json | undefined, where: string): Statement['effect'] {
  if (effect === undefined) throw malformedPolicy('Missing required field Effect', where)
  if (effect === 'Allow' || effect === 'Deny') return effect
  throw malformedPolicy(`Invalid effect ${JSON.stringify(effect)}`, `${where}.Effect`)
}

type Fields = Partial<Record<(typeof FIELDS)[number], Json>>

/** `Action` or `NotAction`, and so on: one of the two, not both. */
function readChoice<T>(
  fields: Fields,
  name: 'Action' | 'Resource',
  where: string,
  parse: (text: string, where: string) => T,
): Choice<T> | undefined {
  const negatedName = `Not${name}` as const
  const [plain, negated] = [fields[name], fields[negatedName]]
  if (plain !== undefined && negated !== undefined)
    throw malformedPolicy(`The statement has both ${name} and ${negatedName}`, where)
  const value = plain ?? negated
  if (value === undefined) return undefined
  const isNegated = plain === undefined
  const texts = textsOf(value, `${where}.${isNegated ? negatedName : name}`)
  return { not: isNegated, patterns: texts.map(([text, at]) => parse(text, at)) }
}

function parseAction(text: string, where: string): Pattern {
  const pattern = parsePattern(text.toLowerCase(), { wildcards: true, variables: false }, where)
  if (actionsMatching(pattern).length === 0)
    throw malformedPolicy(`Policy has invalid action ${JSON.stringify(text)}`, where)
  return { ...pattern, source: text }
}

const none = () => undefined

const actionsMatching = (pattern: Pattern): string[] =>
  [...actionLevels.keys()].filter((action) => matchPattern(pattern, action, none))

/** The known actions that a statement speaks of. */
function actionsOf({ not, patterns }: Choice<Pattern>): string[] {
  return [...actionLevels.keys()].filter(
    (action) => patterns.some((pattern) => matchPattern(pattern, action, none)) !== not,
  )
}

const ARN = 'arn:aws:s3:::'

function parseResource(text: string, where: string, { variables }: StatementContext): Pattern {
  if (text !== '*' && (!text.startsWith(ARN) || text.length === ARN.length))
    throw malformedPolicy(`Policy has invalid resource ${JSON.stringify(text)}`, where)
  return parsePattern(text, { wildcards: true, variables }, where)
}

function readPrincipals(
  fields: Fields,
  effect: Statement['effect'],
  where: string,
  { kind }: StatementContext,
): Choice<PrincipalPattern> | undefined {
  const { Principal, NotPrincipal } = fields
  const value = Principal ?? NotPrincipal
  if (kind !== 'bucket') {
    if (value !== undefined) throw malformedPolicy('Only bucket policies name principals', where)
    return undefined
  }
  if (value === undefined) throw malformedPolicy('Missing required field Principal', where)
  if (Principal !== undefined && NotPrincipal !== undefined)
    throw malformedPolicy('The statement has both Principal and NotPrincipal', where)
  const not = Principal === undefined
  if (not && effect === 'Allow')
    throw malformedPolicy('NotPrincipal does not go with Allow: it would let everybody else in', where)
  return { not, patterns: parsePrincipals(value, `${where}.${not ? 'NotPrincipal' : 'Principal'}`) }
}

function parsePrincipals(value: Json, where: string): PrincipalPattern[] {
  if (value === '*') return [{ type: '*', value: '*' }]
  if (!(value instanceof Map)) throw malformedPolicy('Invalid principal in policy', where)
  const { AWS, CanonicalUser } = membersOf(value, ['AWS', 'CanonicalUser'], where)
  if (AWS === undefined && CanonicalUser === undefined)
    throw malformedPolicy('Invalid principal in policy', where)
  return [
    ...(AWS === undefined ? [] : parseNames(AWS, 'AWS', where)),
    ...(CanonicalUser === undefined ? [] : parseNames(CanonicalUser, 'CanonicalUser', where)),
  ]
}

function parseNames(value: Json, type: 'AWS' | 'CanonicalUser', where: string): PrincipalPattern[] {
  return textsOf(value, `${where}.${type}`).map(([name, at]) => {
    if (type === 'AWS' && name === '*') return { type: '*', value: name }
    if (!isPrincipalName(name))
      throw malformedPolicy(`Invalid principal in policy ${JSON.stringify(name)}`, at)
    return { type, value: name }
  })
}
