/** When what may keep a version was said last, as far as that is known. */
export interface LocksMs {
  readonly retentionMs?: number
  readonly legalHoldMs?: number
}

/** All that either knows of. */
export function joinLocks(one: LocksMs, other: LocksMs): LocksMs {
  const retentionMs = later(one.retentionMs, other.retentionMs)
  const legalHoldMs = later(one.legalHoldMs, other.legalHoldMs)
  return {
    ...(retentionMs !== undefined && { retentionMs }),
    ...(legalHoldMs !== undefined && { legalHoldMs }),
  }
}

const later = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.max(one, other)

export const areSameLocks = (one: LocksMs, other: LocksMs): boolean =>
  one.retentionMs === other.retentionMs && one.legalHoldMs === other.legalHoldMs
