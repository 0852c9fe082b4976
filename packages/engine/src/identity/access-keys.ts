import type { Draft } from '../catalog/draft.js'
import {
  accessKeyKey,
  allAccessKeys,
  justAfter,
  ownedKeyIdOf,
  ownedKeyKey,
  ownedKeysOf,
} from '../catalog/keys.js'
import { listing } from '../catalog/listing.js'
import { decodeAccessKey, encodeAccessKey } from '../catalog/records/access-key-record.js'
import { encodeUser } from '../catalog/records/user-record.js'
import type { AccessKeyInfo, AddAccessKeyOptions, NewAccessKey } from '../contract/identity.js'
import type { Listing, ListOptions } from '../contract/listing.js'
import { EngineError, limitExceeded } from '../errors.js'
import type { Row } from '../kv/kv.js'
import { limits } from '../limits.js'
import { checkSecret } from '../rules/identity-name.js'
import { toAccessKeyInfo } from './access-key-info.js'
import { findOwner, getAccessKey, getUser, labelOf } from './entities.js'
import { changeIdentities, type IdentityWorks } from './identity-works.js'
import { newSecret } from './new-secret.js'
import { planAccessKey } from './plan-access-key.js'

export function addAccessKey(
  works: IdentityWorks,
  user: string,
  options: AddAccessKeyOptions,
): Promise<NewAccessKey> {
  const plan = planAccessKey(works, options)
  return changeIdentities(
    works,
    async (draft) => ({ owner: await getUser(draft, user), addKey: await plan.read(draft) }),
    ({ owner, addKey }, draft) => {
      const keyCount = owner.record.keyCount + 1
      if (keyCount > limits.accessKeysOfUserMax)
        throw limitExceeded('access keys of one user', limits.accessKeysOfUserMax)
      draft.put(owner.row.key, encodeUser({ ...owner.record, keyCount }))
      return addKey(draft, { name: user, userId: owner.record.userId })
    },
  )
}

export async function getAccessKeyInfo(works: IdentityWorks, accessKeyId: string): Promise<AccessKeyInfo> {
  return toAccessKeyInfo(accessKeyId, (await getAccessKey(works.kv, accessKeyId)).record, true)
}

export function listAccessKeys(
  works: IdentityWorks,
  { user, ...options }: ListOptions & { user?: string },
): Listing<AccessKeyInfo, 'access-key'> {
  const type = 'access-key'
  const read = (row: Row, { key }: { key: string }): AccessKeyInfo =>
    toAccessKeyInfo(key, decodeAccessKey(row.value, labelOf('access key', key)), false)
  return listing(works.kv, options, async () => {
    if (user === undefined) return { type, family: allAccessKeys(), read }
    const { record } = await getUser(works.kv, user)
    return { type, family: ownedKeysOf(Buffer.from(record.userId, 'hex')), read, scan: scanOwned(works) }
  })
}

/** The rows that say whose the keys are, each with the key's own record. */
const scanOwned =
  ({ kv }: IdentityWorks) =>
  async (range: { from: Uint8Array; to: Uint8Array; limit: number }) => {
    const { rows, more } = await kv.scan(range)
    const keys = await kv.getMany(rows.map((row) => accessKeyKey(ownedKeyIdOf(row.key))))
    const found = rows.flatMap((row, at) => (keys[at] === undefined ? [] : { ...keys[at], key: row.key }))
    return { rows: found, next: more ? justAfter(rows.at(-1)!.key) : undefined }
  }

export function removeAccessKey(works: IdentityWorks, accessKeyId: string): Promise<void> {
  return changeIdentities(
    works,
    async (draft) => {
      const { record } = await getAccessKey(draft, accessKeyId)
      return { record, owner: await findOwner(draft, record) }
    },
    ({ record, owner }, draft) => {
      draft.freesSpace = true
      dropAccessKey(draft, accessKeyId, record)
      if (owner === undefined || record.kind === 'temporary') return
      const keyCount = owner.record.keyCount - 1
      draft.put(owner.row.key, encodeUser({ ...owner.record, keyCount }))
    },
  )
}

export function dropAccessKey(draft: Draft, accessKeyId: string, { userId }: { userId: string }): void {
  draft.delete(accessKeyKey(accessKeyId))
  draft.delete(ownedKeyKey(Buffer.from(userId, 'hex'), accessKeyId))
}

export function setAccessKeyEnabled(
  works: IdentityWorks,
  accessKeyId: string,
  enabled: boolean,
): Promise<AccessKeyInfo> {
  return changeIdentities(
    works,
    (draft) => getAccessKey(draft, accessKeyId),
    ({ row, record }, draft) => {
      const changed = { ...record, enabled }
      if (record.enabled !== enabled) draft.put(row.key, encodeAccessKey(changed))
      return toAccessKeyInfo(accessKeyId, changed, true)
    },
  )
}

export function rotateAccessKey(
  works: IdentityWorks,
  accessKeyId: string,
  { secretAccessKey = newSecret() }: { secretAccessKey?: string },
): Promise<NewAccessKey> {
  checkSecret(secretAccessKey)
  return changeIdentities(
    works,
    async (draft) => ({
      key: await getAccessKey(draft, accessKeyId),
      sealing: await works.sealing.read(draft),
    }),
    ({ key: { row, record }, sealing }, draft) => {
      if (record.kind === 'temporary') throw cannotRotate(accessKeyId)
      const sealedSecret = sealing.use(draft).seal({ ...record, accessKeyId }, { secretAccessKey })
      const secretSetMs = Math.max(works.clock.now(), record.secretSetMs + 1)
      draft.put(row.key, encodeAccessKey({ ...record, sealedSecret, secretSetMs }))
      return { ...toAccessKeyInfo(accessKeyId, record, true), secretAccessKey }
    },
  )
}

function cannotRotate(accessKeyId: string): EngineError<'InvalidRequest'> {
  const reason = `The access key "${accessKeyId}" is temporary: instead of another secret, begin another session.`
  return new EngineError('InvalidRequest', reason, { reason })
}
