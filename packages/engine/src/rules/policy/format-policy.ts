import type { Policy } from '../../contract/policy.js'
import type { Choice, Condition, PrincipalPattern, Statement } from './statement.js'

/** A policy as JSON text. Read again it is the same policy. */
export function formatPolicy({ version, id, statements }: Policy): string {
  return JSON.stringify({
    Version: version,
    ...(id !== undefined && { Id: id }),
    Statement: statements.map(formatStatement),
  })
}

function formatStatement({ sid, effect, principals, actions, resources, conditions }: Statement): object {
  return {
    ...(sid !== undefined && { Sid: sid }),
    Effect: effect,
    ...(principals && { [nameOf('Principal', principals)]: formatPrincipals(principals.patterns) }),
    [nameOf('Action', actions)]: actions.patterns.map(({ source }) => source),
    ...(resources && { [nameOf('Resource', resources)]: resources.patterns.map(({ source }) => source) }),
    ...(conditions.length > 0 && { Condition: formatConditions(conditions) }),
  }
}

const nameOf = (name: string, { not }: Choice<unknown>): string => (not ? `Not${name}` : name)

function formatPrincipals(patterns: readonly PrincipalPattern[]): object {
  const valuesOf = (...types: string[]) =>
    patterns.filter(({ type }) => types.includes(type)).map(({ value }) => value)
  const AWS = valuesOf('*', 'AWS')
  const CanonicalUser = valuesOf('CanonicalUser')
  return { ...(AWS.length > 0 && { AWS }), ...(CanonicalUser.length > 0 && { CanonicalUser }) }
}

function formatConditions(conditions: readonly Condition[]): object {
  const operators = new Map<string, [key: string, values: string[]][]>()
  for (const { operator, key, values } of conditions) {
    const keys = operators.get(operator.name) ?? []
    keys.push([key, values.map(({ source }) => source)])
    operators.set(operator.name, keys)
  }
  return Object.fromEntries([...operators].map(([name, keys]) => [name, Object.fromEntries(keys)]))
}
