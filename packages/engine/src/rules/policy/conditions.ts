import type { Resolve } from './pattern.js'
import type { Condition } from './statement.js'

/** What a request says of a condition key; nothing when the key is absent. */
export type Lookup = (contextKey: string) => readonly string[]

/**
 * Whether a condition holds. A key that is absent satisfies negated operators, those with `IfExists` and those for all
 * values, and no other. Source: IAM User Guide, "Multivalued context keys", "Condition operators".
 */
export function conditionHolds(
  { operator, contextKey, values }: Condition,
  lookup: Lookup,
  resolve: Resolve,
): boolean {
  const found = lookup(contextKey)
  if (operator.kind === 'null') {
    return values.some(({ source }) => (source.toLowerCase() === 'true') === (found.length === 0))
  }
  if (found.length === 0) {
    if (operator.ifExists || operator.of === 'all') return true
    return operator.of === undefined && operator.negated
  }
  const holds = (value: string): boolean =>
    values.some((pattern) => operator.matches(pattern, value, resolve)) !== operator.negated
  // Without a word on it, none of a request's values may be what a negated operator forbids.
  const each = operator.of === 'all' || (operator.of === undefined && operator.negated)
  return each ? found.every(holds) : found.some(holds)
}
