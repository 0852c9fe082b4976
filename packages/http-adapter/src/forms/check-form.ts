import { S3Error } from '../s3-error.js'
import type { PostCondition, PostPolicy } from './post-policy.js'

export interface FormToCheck {
  /** By lower-case name; the key as it will be, with the file's name in it. */
  readonly fields: ReadonlyMap<string, string>
  /** That the URL names: what the form says of it counts for nothing. */
  readonly bucket: string
}

/** What may be in a form without a word about it in its policy. */
const UNCONDITIONED: ReadonlySet<string> = new Set([
  'policy',
  'x-amz-signature',
  'signature',
  'awsaccesskeyid',
])
const IGNORED = 'x-ignore-'

/**
 * Whether a form is as its policy wants it: all conditions hold, and there is one for each field. The bucket is a field
 * of every form, so that a policy which names none is good for none. Source: S3 API Reference, "Creating a POST policy".
 *
 * @throws {@link S3Error} `AccessDenied`
 */
export function checkForm(policy: PostPolicy, { fields, bucket }: FormToCheck, now: number): void {
  if (now >= policy.expiration) throw refused('Policy expired.')
  const given = new Map(fields).set('bucket', bucket)
  const failed = policy.conditions.find((condition) => !holds(condition, given))
  if (failed !== undefined) throw refused(`Policy Condition failed: ${failed.text}`)
  const covered = new Set(policy.conditions.map((condition) => ('field' in condition ? condition.field : '')))
  const extra = [...given.keys()].filter(
    (name) => !covered.has(name) && !UNCONDITIONED.has(name) && !name.startsWith(IGNORED),
  )
  if (extra.length > 0) throw refused(`Extra input fields: ${extra.join(', ')}`)
}

/** Sizes are for whoever reads the file. */
function holds(condition: PostCondition, given: ReadonlyMap<string, string>): boolean {
  if (condition.kind === 'content-length-range') return true
  if (condition.kind === 'unknown') return false
  const { kind, field, value } = condition
  const found = given.get(field)
  if (found === undefined) return false
  if (kind === 'eq') return found === value
  // A list of types is good when each is.
  const texts = field === 'content-type' ? found.split(',').map((type) => type.trim()) : [found]
  return texts.every((text) => text.startsWith(value))
}

export interface SizeRange {
  readonly minimum: number
  readonly maximum: number
}

/** How large the file may be: every range that is given must hold. */
export function sizeRangeOf({ conditions }: PostPolicy): SizeRange {
  const ranges = conditions.filter((condition) => condition.kind === 'content-length-range')
  return {
    minimum: Math.max(0, ...ranges.map(({ minimum }) => minimum)),
    maximum: Math.min(Number.POSITIVE_INFINITY, ...ranges.map(({ maximum }) => maximum)),
  }
}

const refused = (why: string): S3Error => new S3Error('AccessDenied', `Invalid according to Policy: ${why}`)
