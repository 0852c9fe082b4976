import { malformedPolicy } from '../../errors.js'
import { contextKey, isConditionKey, isKnownFor } from './condition-keys.js'
import type { Json } from './json.js'
import { isValueFor, type Operator, parseOperator } from './operators.js'
import { type Pattern, parsePattern } from './pattern.js'
import type { Condition } from './statement.js'

/**
 * @param actions The known actions that each pattern of the statement stands for, in lower case.
 * @throws {@link EngineError} `MalformedPolicy`
 */
export function parseConditions(
  value: Json | undefined,
  actions: readonly (readonly string[])[],
  where: string,
  { variables }: { variables: boolean },
): Condition[] {
  if (value === undefined) return []
  if (!(value instanceof Map)) throw malformedPolicy('Conditions must be a JSON object', where)
  return [...value].flatMap(([name, keys]) => {
    const operator = parseOperator(name)
    if (operator === undefined)
      throw malformedPolicy(`Invalid condition operator ${JSON.stringify(name)}`, where)
    if (!(keys instanceof Map))
      throw malformedPolicy('Condition keys must be a JSON object', `${where}.${name}`)
    return [...keys].map(([key, wanted]) => {
      const at = `${where}.${name}.${key}`
      checkKey(key, actions, at)
      return {
        operator,
        key,
        contextKey: contextKey(key),
        values: parseValues(wanted, operator, at, variables),
      }
    })
  })
}

/** A key that says nothing of an action would make its condition hold never, or always. */
function checkKey(key: string, actions: readonly (readonly string[])[], where: string): void {
  if (!isConditionKey(key)) throw malformedPolicy('Policy has an invalid condition key', where)
  if (!actions.every((meant) => meant.some((action) => isKnownFor(key, action))))
    throw malformedPolicy(
      'Conditions do not apply to combination of actions and resources in statement',
      where,
    )
}

function parseValues(value: Json, operator: Operator, where: string, variables: boolean): Pattern[] {
  const values = Array.isArray(value) ? (value as readonly Json[]) : [value]
  if (values.length === 0) throw malformedPolicy('The condition has no value', where)
  return values.map((element) => {
    if (typeof element === 'object') throw malformedPolicy('Condition values must be text', where)
    const options = { ...operator.pattern, variables: operator.pattern.variables && variables }
    const pattern = parsePattern(String(element), options, where)
    if (!isValueFor(operator, pattern))
      throw malformedPolicy(
        `The condition's value ${JSON.stringify(element)} is no ${operator.values}`,
        where,
      )
    return pattern
  })
}
