import type { AccessKeyRecord } from '../catalog/records/access-key-record.js'
import type { AccessKeyInfo } from '../contract/identity.js'

/** @param withPolicy Whether the policy that narrows it is told too. */
export function toAccessKeyInfo(
  accessKeyId: string,
  { kind, user, userId, enabled, createdMs, expiresMs, description, ownPolicy }: AccessKeyRecord,
  withPolicy: boolean,
): AccessKeyInfo {
  return {
    accessKeyId,
    kind,
    user,
    userId,
    enabled,
    created: new Date(createdMs),
    ...(expiresMs === undefined ? {} : { expiresAt: new Date(expiresMs) }),
    ...(description === undefined ? {} : { description }),
    ...(withPolicy && ownPolicy !== undefined ? { policy: ownPolicy } : {}),
  }
}
