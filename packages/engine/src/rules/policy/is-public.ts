import type { Policy } from '../../contract/policy.js'
import { isBroadRange } from './ip-range.js'
import type { Pattern } from './pattern.js'
import type { Condition, Statement } from './statement.js'

/** Keys whose value says who or where somebody is: with a fixed one, not everybody is meant. */
const FIXING = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgid',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceip',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:userid',
  'aws:username',
])

/**
 * Whether a bucket's policy lets in people nobody has named: a statement allows everybody something, and no condition of
 * it asks for fixed values, without wildcards or variables, of a key that fixes who is meant. What other statements deny
 * is not looked at. Source: S3 User Guide, "The meaning of public".
 */
export const isPublicPolicy = ({ statements }: Policy): boolean => statements.some(letsAnybodyIn)

const letsAnybodyIn = ({ effect, principals, conditions }: Statement): boolean =>
  effect === 'Allow' &&
  principals !== undefined &&
  principals.patterns.some(({ type }) => type === '*') &&
  !conditions.some(fixesWhoIsMeant)

function fixesWhoIsMeant({ operator, contextKey, values }: Condition): boolean {
  // What also holds when the key is absent, or when its value is another one, keeps nobody out.
  const isFirm =
    operator.kind === 'comparison' && !operator.negated && !operator.ifExists && operator.of !== 'all'
  return isFirm && FIXING.has(contextKey) && values.every(isFixed)
}

/** A broad range of addresses is as good as everybody, and `anonymous` is nobody's id. */
const isFixed = ({ source, pieces }: Pattern): boolean =>
  pieces.every(({ type }) => type === 'literal') && !isBroadRange(source) && source !== 'anonymous'
