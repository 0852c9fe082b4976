import { userIdKey } from '../catalog/keys.js'
import { decodeUserName } from '../catalog/records/user-record.js'
import { findOwner } from './entities.js'
import type { IdentityWorks } from './identity-works.js'

export async function findDisplayName(
  { kv }: IdentityWorks,
  userId: string,
): Promise<{ displayName: string } | undefined> {
  if (!/^[0-9a-f]{64}$/.test(userId)) return undefined
  const row = await kv.get(userIdKey(Buffer.from(userId, 'hex')))
  if (row === undefined) return undefined
  const user = decodeUserName(row.value)
  const owner = await findOwner(kv, { user, userId })
  return owner && { displayName: owner.record.displayName ?? user }
}
