import type { LifecycleConfiguration, LifecycleRule } from '../../contract/lifecycle.js'
import type { NamedRule } from '../../rules/lifecycle/active-rules.js'
import { decodeDocument, encodeDocument } from './document.js'

/** A bucket's lifecycle rules, as its document has them. */
export interface LifecycleDocument {
  /** The id in the bucket's record, in hex: which setting these are. */
  readonly lifecycleId: string
  readonly updatedMs: number
  readonly transitionMinimum?: LifecycleConfiguration['transitionMinimum'] & string
  readonly rules: readonly NamedRule[]
}

export const encodeLifecycle = (document: LifecycleDocument): { value: Uint8Array; payload: Uint8Array } =>
  encodeDocument(document)

/** JSON has no dates: they come back as texts. */
export function decodeLifecycle(value: Uint8Array, payload: Uint8Array, label: string): LifecycleDocument {
  const { rules, ...rest } = decodeDocument(value, payload, label) as LifecycleDocument
  return { ...rest, rules: rules.map(withDate) }
}

function withDate(rule: NamedRule): NamedRule {
  const { expiration } = rule as LifecycleRule
  if (expiration === undefined || !('date' in expiration)) return rule
  return { ...rule, expiration: { date: new Date(expiration.date) } }
}
