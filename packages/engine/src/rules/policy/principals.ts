import type { PolicyPrincipal } from '../../contract/policy.js'
import type { PrincipalPattern } from './statement.js'

/** The one account there is has no number; AWS's tools write twelve digits. */
const ARN = /^arn:aws:iam::(?:0{12})?:(root|user\/([^*?]+))$/

/**
 * Whether a value may stand under `AWS` in a bucket policy's principals: a user's ARN or name, or the ARN of `root`.
 * Wildcards other than a whole `*` may not, as on AWS: that is how everybody is let in who will ever be called so.
 */
export const isPrincipalName = (value: string): boolean =>
  value.startsWith('arn:') ? ARN.test(value) : value !== '' && !/[*?:/]/.test(value)

export function matchesPrincipal({ type, value }: PrincipalPattern, principal: PolicyPrincipal): boolean {
  if (type === '*') return true
  if (principal.type === 'anonymous') return false
  if (type === 'CanonicalUser') return value === principal.userId
  const [, resource, named] = ARN.exec(value) ?? []
  if (principal.type === 'root') return resource === 'root'
  return resource !== 'root' && isOneOfOurs(principal) && (named ?? value) === principal.userName
}

type User = Extract<PolicyPrincipal, { type: 'user' }>

/** A name that another provider vouches for may be that of a user here. */
const isOneOfOurs = ({ principalType }: User): boolean => principalType !== 'FederatedUser'

/** The condition keys that speak of who asks. They are never taken from the request. */
export const principalKeys: ReadonlySet<string> = new Set([
  'aws:groups',
  'aws:principalarn',
  'aws:principaltype',
  'aws:userid',
  'aws:username',
])

/**
 * What they say. Sources: IAM User Guide, "Global condition keys" and "Principal key values"; AIStor for `aws:groups`.
 * `undefined`: nothing.
 */
export function principalContext(principal: PolicyPrincipal, key: string): readonly string[] | undefined {
  switch (key) {
    case 'aws:principaltype':
      return [principalTypeOf(principal)]
    case 'aws:userid':
      return [principal.type === 'anonymous' ? 'anonymous' : principal.userId]
    case 'aws:username':
      return principal.type === 'user' && isOneOfOurs(principal) ? [principal.userName] : undefined
    case 'aws:principalarn':
      return principal.type === 'anonymous' ? undefined : [arnOf(principal)]
    case 'aws:groups':
      return principal.type === 'user' ? principal.groups : undefined
  }
  return undefined
}

function principalTypeOf(principal: PolicyPrincipal): string {
  if (principal.type === 'anonymous') return 'Anonymous'
  return principal.type === 'root' ? 'Account' : principal.principalType
}

function arnOf(principal: Exclude<PolicyPrincipal, { type: 'anonymous' }>): string {
  if (principal.type === 'root') return 'arn:aws:iam:::root'
  const { userName } = principal
  return isOneOfOurs(principal)
    ? `arn:aws:iam:::user/${userName}`
    : `arn:aws:sts:::federated-user/${userName}`
}
