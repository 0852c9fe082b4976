import type {
  ApplicablePolicies,
  Decision,
  NamedPolicy,
  PolicyPrincipal,
  PolicyRequest,
} from '../../contract/policy.js'
import { conditionHolds, type Lookup } from './conditions.js'
import { matchPattern, type Pattern, type Resolve } from './pattern.js'
import { matchesPrincipal, principalContext, principalKeys } from './principals.js'
import type { Choice, Statement } from './statement.js'

/** Source: S3 API Reference, PutBucketPolicy: no bucket policy locks root out of mending it. */
const NEVER_LOCKED = new Set(['s3:deletebucketpolicy', 's3:getbucketpolicy', 's3:putbucketpolicy'])

/**
 * Whether a request is allowed, and which statement says so.
 *
 * An explicit deny wins, wherever it stands. Otherwise what is asked must be allowed by an identity policy or by the
 * bucket's, which is AWS's way, and by each of the boundaries: for every action, and whoever asks. Nothing is allowed
 * that no statement allows, but to root, which needs none. Source: IAM User Guide, "Policy evaluation logic".
 *
 * - Whoever is anonymous has no identity policies, whatever is given.
 * - Root is held by boundaries, and by what a bucket's policy denies; that can always be read, put and deleted by root
 *   itself, unless a boundary holds it back.
 * - Owning a bucket allows nothing by itself.
 */
export function decide(policies: ApplicablePolicies, request: PolicyRequest): Decision {
  const { principal } = request
  const asked = questionOf(request)
  const identity = principal.type === 'user' ? policies.identity : []
  const bucket: NamedPolicy[] = policies.bucket ? [{ name: 'bucket policy', policy: policies.bucket }] : []
  const isUnlocked =
    principal.type === 'root' && policies.boundaries.length === 0 && NEVER_LOCKED.has(asked.action)

  const denied = find(
    'Deny',
    [...identity, ...policies.boundaries.flat(), ...(isUnlocked ? [] : bucket)],
    asked,
  )
  if (denied !== undefined) return { allowed: false, reason: 'explicit-deny', by: denied }

  const allowing = find('Allow', [...identity, ...bucket], asked)
  if (allowing === undefined && principal.type !== 'root') return { allowed: false, reason: 'implicit-deny' }
  for (const boundary of policies.boundaries)
    if (find('Allow', boundary, asked) === undefined)
      return { allowed: false, reason: 'implicit-deny', boundary: boundary.map(({ name }) => name) }
  if (principal.type === 'root') return { allowed: true, reason: 'root' }
  return { allowed: true, reason: 'allow', ...(allowing && { by: allowing }) }
}

/** A request as statements are asked about it. */
interface Question {
  readonly principal: PolicyPrincipal
  /** In lower case. */
  readonly action: string
  readonly resource: string
  readonly lookup: Lookup
}

function questionOf({ principal, action, resource, context }: PolicyRequest): Question {
  const lookup: Lookup = (key) =>
    (principalKeys.has(key) ? principalContext(principal, key) : context.get(key)) ?? []
  return { principal, action: action.toLowerCase(), resource, lookup }
}

function find(
  effect: Statement['effect'],
  policies: readonly NamedPolicy[],
  asked: Question,
): Decision['by'] | undefined {
  for (const { name, policy } of policies)
    for (const [at, statement] of policy.statements.entries()) {
      if (statement.effect !== effect || !applies(statement, asked)) continue
      const { sid } = statement
      return { policy: name, statement: at, ...(sid !== undefined && { sid }) }
    }
  return undefined
}

function applies(
  { principals, actions, resources, conditions }: Statement,
  { principal, action, resource, lookup }: Question,
): boolean {
  // A variable stands for one value; of several nobody could say which is meant.
  const resolve: Resolve = (key) => {
    const values = lookup(key)
    return values.length === 1 ? values[0] : undefined
  }
  const matches = (text: string) => (pattern: Pattern) => matchPattern(pattern, text, resolve)
  return (
    chosen(actions, matches(action)) &&
    (resources === undefined || chosen(resources, matches(resource))) &&
    (principals === undefined || chosen(principals, (pattern) => matchesPrincipal(pattern, principal))) &&
    conditions.every((condition) => conditionHolds(condition, lookup, resolve))
  )
}

const chosen = <T>({ not, patterns }: Choice<T>, matches: (pattern: T) => boolean): boolean =>
  patterns.some(matches) !== not
