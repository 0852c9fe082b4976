import type { LifecycleFilter, RuleVerdict } from '../../contract/lifecycle.js'
import type { Tags } from '../../contract/object.js'

/** What a filter asks of a version. */
export interface Filtered {
  readonly key: string
  readonly sizeBytes: number
  readonly tags: Tags
  readonly isDeleteMarker: boolean
}

/** Why the filter keeps a version out; undefined lets it in. Source: aistor §5.2. */
export function keptOutBy(
  { prefix = '', tags = {}, sizeGreaterThan, sizeLessThan }: LifecycleFilter,
  version: Filtered,
): RuleVerdict['because'] {
  if (!version.key.startsWith(prefix)) return 'other-prefix'
  for (const [name, value] of Object.entries(tags))
    if (!Object.hasOwn(version.tags, name) || version.tags[name] !== value) return 'other-tags'
  if (version.isDeleteMarker) return undefined
  if (sizeGreaterThan !== undefined && version.sizeBytes <= sizeGreaterThan) return 'too-small'
  if (sizeLessThan !== undefined && version.sizeBytes >= sizeLessThan) return 'too-large'
  return undefined
}
