/**
 * Why a target did not take what it was given.
 *
 * `Unreachable`, `AccessDenied`, `NoSuchBucket`, `InvalidBucketState` (no versions, or no object lock) say something of the whole
 * target: all that goes to it waits, and nothing is held against the version that was tried. `NoSuchVersion`: it has no such version.
 * `Locked`: object lock keeps what it has. `Refused`: anything else, of this version.
 */
export type ReplicationErrorCode =
  | 'AccessDenied'
  | 'InvalidBucketState'
  | 'Locked'
  | 'NoSuchBucket'
  | 'NoSuchVersion'
  | 'Refused'
  | 'Unreachable'

const ofTheTarget: ReadonlySet<ReplicationErrorCode> = new Set([
  'AccessDenied',
  'InvalidBucketState',
  'NoSuchBucket',
  'Unreachable',
])

/** What a {@link ReplicationTarget} throws. */
export class ReplicationError extends Error {
  readonly code: ReplicationErrorCode

  constructor(code: ReplicationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ReplicationError'
    this.code = code
  }

  /** Whether the target takes nothing at all. */
  get isOfTheTarget(): boolean {
    return ofTheTarget.has(this.code)
  }
}
