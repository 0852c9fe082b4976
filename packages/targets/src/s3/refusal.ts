import type { ReplicationErrorCode } from '@aquifer/engine'

/** Said by servers that do not know who asks, or do not believe it: nothing else would be answered otherwise. */
const ofTheKeys = new Set([
  'AccountProblem',
  'AuthorizationHeaderMalformed',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidSecurity',
  'InvalidToken',
  'NotSignedUp',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
])

/** Servers say in the message alone that it was object lock: "Access Denied because object protected by object lock", "WORM protected". */
const lockMessage = /object[ -]?lock|\bWORM\b|retention|legal hold/i

export interface Refusal {
  readonly status: number
  readonly code?: string
  readonly message?: string
}

/** What a refusal says; `'unclear'`: whether it is of the whole target shows by asking for its bucket. */
export function meaningOf({ status, code = '', message = '' }: Refusal): ReplicationErrorCode | 'unclear' {
  if (code === 'NoSuchBucket') return 'NoSuchBucket'
  if (status === 401 || ofTheKeys.has(code)) return 'AccessDenied'
  // Said after the answer had begun.
  if (status < 300) return 'Refused'
  // A redirect is not followed: where it leads is not where the administrator said that objects may go.
  if (status < 400) return 'Unreachable'
  // Full, overloaded or not ready yet: an hour of that must not have versions given up one by one.
  if (status === 503 || status === 507) return 'Unreachable'
  if (code === 'NoSuchKey' || code === 'NoSuchVersion') return 'NoSuchVersion'
  if (/missing object lock|versioning must be enabled/i.test(message)) return 'InvalidBucketState'
  if (lockMessage.test(message) && (status === 403 || status === 400 || status === 409)) return 'Locked'
  return status === 403 || status === 404 || (status >= 500 && status !== 501) ? 'unclear' : 'Refused'
}
