import type { PolicyKind } from '../../contract/policy.js'
import { malformedPolicy } from '../../errors.js'
import { actionLevels } from './actions.js'
import type { Json, JsonObject } from './json.js'
import { membersOf, textsOf } from './members.js'
import { parseConditions } from './parse-conditions.js'
import { parsePrincipals } from './parse-principals.js'
import { checkBucketResources, parseResource } from './parse-resources.js'
import { matchPattern, type Pattern, parsePattern } from './pattern.js'
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
  const meant = actionsMeant(actions)
  const resources = readChoice(fields, 'Resource', where, (text, at) =>
    parseResource(text, at, context.variables),
  )
  if (resources === undefined && meant.flat().some(hasResource))
    throw malformedPolicy('Missing required field Resource', where)
  if (resources !== undefined && context.kind === 'bucket' && context.bucket !== undefined)
    checkBucketResources(resources, actions.not ? [] : meant, context.bucket, where)
  const conditions = parseConditions(fields.Condition, meant, `${where}.Condition`, context)
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

const hasResource = (action: string): boolean => !action.startsWith('admin:') && !action.startsWith('sts:')

const none = () => undefined

const actionsMatching = (pattern: Pattern): string[] =>
  [...actionLevels.keys()].filter((action) => matchPattern(pattern, action, none))

/** The known actions that each of the patterns stands for, or all those that `NotAction` leaves. */
function actionsMeant({ not, patterns }: Choice<Pattern>): string[][] {
  const named = patterns.map(actionsMatching)
  if (!not) return named
  const excluded = new Set(named.flat())
  return [[...actionLevels.keys()].filter((action) => !excluded.has(action))]
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
