import type { Level } from '../address.js'
import type { When } from './when.js'

/** What IAM calls a right. */
export type Action = `${'s3' | 's3express' | 's3-object-lambda' | 'sts'}:${string}`

/**
 * What a right is asked for: the request's own bucket or object, or nothing in particular; what a copy reads; or each of
 * what the request lists, which its operation finds out.
 */
export type NeedOf = Level | 'source' | 'each' | 'archive'

/** A right that an operation needs, as the table of operations states it. */
export interface Need {
  readonly action: Action
  readonly of: NeedOf
  /** Only by a request that asks for this. */
  readonly when?: When
  /**
   * Whether a request is refused without it, before anything of it is carried out or looked up. Otherwise the operation
   * asks itself, where only it knows for what, or what to leave out for want of the right.
   */
  readonly isRequired: boolean
}

/** Whoever it is may ask this, and says why that is so. */
export interface OpenToAll {
  readonly openToAll: string
}

export type Needs = readonly [Need, ...Need[]] | OpenToAll

type Given = Omit<Need, 'of'> & { readonly of?: NeedOf }

/** How a row says it: an action alone is required, and of the row's own level. */
export type StatedNeeds = Action | readonly [Action | Given, ...(Action | Given)[]] | OpenToAll

export const openToAll = (why: string): OpenToAll => ({ openToAll: why })

export const onlyIf = (when: When, action: Action): Given => ({ action, when, isRequired: true })

export const ofSource = (action: Action): Given => ({ action, of: 'source', isRequired: true })

/** Of the object that a request to a bucket brings with it. */
export const ofObject = (action: Action): Given => ({ action, of: 'object', isRequired: true })

/** Of no bucket, though one stands where a bucket's name does. */
export const ofNothing = (action: Action): Given => ({ action, of: 'service', isRequired: true })

/** The operation asks for it. */
export const asks = (action: Action, of?: NeedOf): Given => ({
  action,
  isRequired: false,
  ...(of === undefined ? {} : { of }),
})

/** The same of each object that a request lists, and asked where the list is read. */
export const ofEach = (need: Given): Given => ({ ...need, of: 'each', isRequired: false })

export function readNeeds(stated: StatedNeeds, level: Level): Needs {
  if (typeof stated === 'object' && 'openToAll' in stated) return stated
  const [first, ...rest] = typeof stated === 'string' ? ([stated] as const) : stated
  const read = (given: Action | Given): Need =>
    typeof given === 'string' ? { action: given, of: level, isRequired: true } : { of: level, ...given }
  return [read(first), ...rest.map(read)]
}

/** Whether an operation honours what another store says of its versions: it states which right that needs. */
export const takesReplicas = ({ needs }: { readonly needs: Needs }): boolean =>
  !('openToAll' in needs) && needs.some(({ when }) => when === 'as a replica')
