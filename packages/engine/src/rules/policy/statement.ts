import type { Operator } from './operators.js'
import type { Pattern } from './pattern.js'

/** A statement taken apart: what evaluation needs, and no more than was written. */
export interface Statement {
  readonly sid?: string
  readonly effect: 'Allow' | 'Deny'
  /** In bucket policies alone. */
  readonly principals?: Choice<PrincipalPattern>
  /** In lower case: their case does not matter. */
  readonly actions: Choice<Pattern>
  /** Absent where no action has a resource. */
  readonly resources?: Choice<Pattern>
  /** All must hold. */
  readonly conditions: readonly Condition[]
}

/** `Action` or `NotAction`, and so on: one of the patterns matches, or, with `not`, none of them. */
export interface Choice<T> {
  readonly not: boolean
  readonly patterns: readonly T[]
}

/** `AWS`: a user's ARN, name or id. `CanonicalUser`: a user's id. Everyone, those without credentials too: `*`. */
export interface PrincipalPattern {
  readonly type: '*' | 'AWS' | 'CanonicalUser'
  readonly value: string
}

export interface Condition {
  readonly operator: Operator
  /** As written. */
  readonly key: string
  /** As {@link contextKey} spells it. */
  readonly contextKey: string
  /** One must hold; none, where the operator is negated. */
  readonly values: readonly Pattern[]
}
