import { malformedPolicy } from '../../errors.js'
import type { Json, JsonObject } from './json.js'

/**
 * An object's members by the names it may have, as they are spelt.
 *
 * @throws {@link EngineError} `MalformedPolicy` if it has another: one that is overlooked might be one that denies.
 */
export function membersOf<N extends string>(
  object: JsonObject,
  names: readonly N[],
  where: string,
): Partial<Record<N, Json>> {
  const members: Partial<Record<N, Json>> = {}
  for (const [name, value] of object) {
    const known = names.find((each) => each === name)
    if (known === undefined) throw malformedPolicy(`Unknown field ${JSON.stringify(name)}`, where)
    members[known] = value
  }
  return members
}

/** One text or a list of them, with the place of each. An empty list is refused: it says nothing, or everything. */
export function textsOf(value: Json, where: string): [text: string, where: string][] {
  if (!Array.isArray(value)) return [[textOf(value as Json, where), where]]
  if (value.length === 0) throw malformedPolicy('The policy has an empty list', where)
  return value.map((element: Json, at) => [textOf(element, `${where}[${at}]`), `${where}[${at}]`])
}

function textOf(value: Json, where: string): string {
  if (typeof value === 'string') return value
  throw malformedPolicy('The policy has something else where text must be', where)
}
