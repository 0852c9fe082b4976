import type { AccessKeyRecord } from '../catalog/records/access-key-record.js'
import type { FoundAccessKey, Principal } from '../contract/identity.js'
import { findAccessKeyRecord, findOwner } from './entities.js'
import type { IdentityWorks } from './identity-works.js'

/** A key that may be used at this moment, as far as that does not depend on the time. */
export interface UsableKey {
  readonly record: AccessKeyRecord
  readonly principal: Principal
  /** Of the user whose key it is; none where somebody else vouches for whom it is of. */
  readonly groups: readonly string[]
  /** Of the user itself, or of a session of nobody in this store. */
  readonly policies: readonly string[]
  /** The key, and those whose rights it has at most: each is held by the policy of its own. */
  readonly chain: readonly AccessKeyRecord[]
}

/** Undefined where the key, its user, or the key that its session was begun with is not there or not enabled. */
export async function findUsableKey(
  works: IdentityWorks,
  accessKeyId: string,
): Promise<UsableKey | undefined> {
  const { kv } = works
  const record = (await findAccessKeyRecord(kv, accessKeyId))?.record
  if (record === undefined || !record.enabled) return undefined
  const { federation, user: name, userId, kind, policies, actsFor } = record
  const key = { id: userId, name, accessKeyId, keyKind: kind }
  const chain = [record]
  if (actsFor === 'root') {
    const principal = { kind: 'root' as const, displayName: name, ...key, id: name }
    return { record, principal, groups: [], policies: [], chain }
  }
  if (actsFor === 'parent-key') {
    const parent = await findParent(works, record)
    if (parent === undefined) return undefined
    const principal = { ...parent.principal, accessKeyId, keyKind: kind }
    return { ...parent, record, principal, chain: [...chain, ...parent.chain] }
  }
  if (federation !== undefined)
    return {
      record,
      principal: { kind: 'federated', displayName: federation.subject, ...key },
      groups: [],
      policies,
      chain,
    }
  const owner = (await findOwner(kv, record))?.record
  if (owner === undefined || !owner.enabled || !(await isParentUsable(works, record))) return undefined
  return {
    record,
    principal: { kind: 'user', displayName: owner.displayName ?? name, ...key },
    groups: owner.groups,
    policies: owner.policies,
    chain,
  }
}

/** What acts for a key is made for it alone: nothing acts for that in turn. */
async function findParent(
  works: IdentityWorks,
  { parentKey, userId }: AccessKeyRecord,
): Promise<UsableKey | undefined> {
  const row = await findAccessKeyRecord(works.kv, parentKey!.accessKeyId)
  if (row === undefined || row.record.actsFor !== undefined) return undefined
  const parent = await findUsableKey(works, parentKey!.accessKeyId)
  if (parent === undefined) return undefined
  const isSame = parent.record.userId === userId && parent.record.secretSetMs === parentKey!.secretSetMs
  return isSame ? parent : undefined
}

async function isParentUsable(
  { kv }: IdentityWorks,
  { parentKey, userId }: AccessKeyRecord,
): Promise<boolean> {
  if (parentKey === undefined) return true
  const parent = (await findAccessKeyRecord(kv, parentKey.accessKeyId))?.record
  return parent?.enabled === true && parent.userId === userId && parent.secretSetMs === parentKey.secretSetMs
}

export async function findAccessKey(
  works: IdentityWorks,
  accessKeyId: string,
): Promise<FoundAccessKey | undefined> {
  const key = await findUsableKey(works, accessKeyId)
  if (key === undefined) return undefined
  const { record, principal } = key
  const secret = await works.sealing.unseal({ accessKeyId, userId: record.userId }, record.sealedSecret)
  return {
    ...secret,
    ...(record.expiresMs === undefined ? {} : { expiresAt: new Date(record.expiresMs) }),
    principal,
  }
}
