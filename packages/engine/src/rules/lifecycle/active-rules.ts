import type { LifecycleRule } from '../../contract/lifecycle.js'

/** A rule as it is kept: it has an id. */
export type NamedRule = LifecycleRule & { readonly id: string }

/** A bucket's rules, with how long a day lasts. */
export interface ActiveRules {
  /** In the order they were given, disabled ones too. */
  readonly rules: readonly NamedRule[]
  readonly dayMs: number
}
