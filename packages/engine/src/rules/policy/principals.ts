import type { PolicyPrincipal } from '../../contract/policy.js'
import type { PrincipalPattern } from './statement.js'

/** The one account there is has no number; AWS's tools write twelve digits. */
const USER_ARN = /^arn:aws:iam::(?:0{12})?:user\/([^*?]+)$/

/** As `aws:PrincipalArn` has it. */
export const userArn = (userName: string): string => `arn:aws:iam:::user/${userName}`

/**
 * Whether a value may stand in a bucket policy's `Principal`. Wildcards other than a whole `*` may not, as on AWS: that
 * is how everybody is let in who will ever be called so.
 */
export const isPrincipalName = (value: string): boolean =>
  value.startsWith('arn:') ? USER_ARN.test(value) : value !== '' && !/[*?:/]/.test(value)

export function matchesPrincipal({ type, value }: PrincipalPattern, principal: PolicyPrincipal): boolean {
  if (type === '*') return true
  if (principal.type === 'anonymous') return false
  if (type === 'CanonicalUser') return value === principal.userId
  const userName = USER_ARN.exec(value)?.[1]
  return userName === undefined
    ? value === principal.userId || value === principal.userName
    : userName === principal.userName
}

/**
 * The condition keys that speak of who asks. They are never taken from the request. Source: IAM User Guide, "Global
 * condition keys"; AIStor for `aws:groups`.
 */
export function principalContext(principal: PolicyPrincipal): ReadonlyMap<string, readonly string[]> {
  if (principal.type === 'anonymous')
    return new Map([
      ['aws:principaltype', ['Anonymous']],
      ['aws:userid', ['anonymous']],
    ])
  const isUser = principal.type === 'user'
  return new Map([
    ['aws:principaltype', [isUser ? principal.principalType : 'Account']],
    ['aws:userid', [principal.userId]],
    ['aws:username', [principal.userName]],
    ['aws:principalarn', [isUser ? userArn(principal.userName) : ROOT_ARN]],
    ['aws:groups', isUser ? principal.groups : []],
  ])
}

const ROOT_ARN = 'arn:aws:iam:::root'
