import { malformedPolicy } from '../../errors.js'
import type { Json } from './json.js'
import { membersOf, textsOf } from './members.js'
import { isPrincipalName } from './principals.js'
import type { PrincipalPattern } from './statement.js'

/**
 * A bucket policy's `Principal`: `"*"`, or users by ARN, name or id under `AWS`, or by id under `CanonicalUser`.
 * `Service` and `Federated` are refused: nobody here is one.
 *
 * @throws {@link EngineError} `MalformedPolicy`
 */
export function parsePrincipals(value: Json, where: string): PrincipalPattern[] {
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
