import type { Tags } from '../../contract/object.js'
import type { ReplicationRule } from '../../contract/replication.js'

/** A rule as it is kept: it has an id. */
export type NamedReplicationRule = ReplicationRule & { readonly id: string }

/** A target, with the rules that a bucket has for it. */
export interface RuledTarget {
  /** 16 bytes. */
  readonly targetId: Uint8Array
  readonly arn: string
  readonly keepsVersionIds: boolean
  /** Those that are enabled, the highest priority first. There may be none: then what names it is disabled. */
  readonly rules: readonly NamedReplicationRule[]
}

/** What rules ask of a version. */
export interface Carriable {
  readonly key: string
  readonly tags: Tags
  readonly isDeleteMarker: boolean
}

export interface ChosenRule {
  readonly target: RuledTarget
  readonly rule: NamedReplicationRule
}

/**
 * By which rule a version is for each target: that of the highest priority whose prefix and all of whose tags match. What a target
 * knows of already stays its business although its tags have changed since. Source: aistor §4.2; S3 API Reference,
 * ReplicationRule: AIStor asks for any of the tags, S3 for all.
 *
 * @param isKnown Whether the version is at the target, or on its way.
 */
export function chooseRules(
  targets: readonly RuledTarget[],
  version: Carriable,
  isKnown: (target: RuledTarget) => boolean = nobodyKnows,
): ChosenRule[] {
  const chosen: ChosenRule[] = []
  for (const target of targets) {
    const { rules } = target
    const rule =
      rules.find((rule) => matches(rule, version)) ??
      (isKnown(target) ? rules.find((rule) => isUnder(rule, version)) : undefined)
    if (rule !== undefined) chosen.push({ target, rule })
  }
  return chosen
}

const nobodyKnows = (): boolean => false

const isUnder = ({ filter }: ReplicationRule, { key }: Carriable): boolean =>
  key.startsWith(filter?.prefix ?? '')

function matches(rule: ReplicationRule, version: Carriable): boolean {
  if (!isUnder(rule, version)) return false
  const { tags } = rule.filter ?? {}
  if (tags === undefined) return true
  return Object.entries(tags).every(
    ([name, value]) => Object.hasOwn(version.tags, name) && version.tags[name] === value,
  )
}
