import type { Lookup } from '../catalog/find.js'
import { accessKeyKey, groupKey, policyDocumentKey, policyKey, userKey } from '../catalog/keys.js'
import { type AccessKeyRecord, decodeAccessKey } from '../catalog/records/access-key-record.js'
import { decodeGroup, type GroupRecord } from '../catalog/records/group-record.js'
import { decodePolicy, decodePolicyDocument, type PolicyRecord } from '../catalog/records/policy-record.js'
import { decodeUser, type UserRecord } from '../catalog/records/user-record.js'
import { EngineError, type EntityKind, noSuchEntity } from '../errors.js'
import type { KvStore, Row } from '../kv/kv.js'
import { limits } from '../limits.js'

export interface Found<T> {
  readonly name: string
  readonly row: Row
  readonly record: T
}

export const labelOf = (kind: EntityKind, name: string): string => `${kind} "${name}"`

/** How one kind of record is looked up. */
function finder<T>(
  kind: EntityKind,
  keyOf: (name: string) => Uint8Array,
  decode: (value: Uint8Array, label: string) => T,
) {
  const find = async (lookup: Lookup, name: string): Promise<Found<T> | undefined> => {
    const row = await lookup.get(keyOf(name))
    return row && { name, row, record: decode(row.value, labelOf(kind, name)) }
  }
  const get = async (lookup: Lookup, name: string): Promise<Found<T>> => {
    const found = await find(lookup, name)
    if (found === undefined) throw noSuchEntity(kind, name)
    return found
  }
  return [find, get] as const
}

export const [findUser, getUser] = finder<UserRecord>('user', userKey, decodeUser)
export const [findAccessKeyRecord, getAccessKey] = finder<AccessKeyRecord>(
  'access key',
  accessKeyKey,
  decodeAccessKey,
)
export const [findGroup, getGroup] = finder<GroupRecord>('group', groupKey, decodeGroup)
export const [findPolicy, getPolicy] = finder<PolicyRecord>('policy', policyKey, decodePolicy)

/** A policy's document; undefined where there is none of the name. */
export async function findPolicyDocument(kv: KvStore, name: string): Promise<string | undefined> {
  for (let attempt = 1; attempt <= limits.commitAttempts; attempt++) {
    const row = await kv.get(policyDocumentKey(name))
    if (row === undefined) return undefined
    const payload = await kv.readPayload(row.key, row.revision)
    if (payload !== 'changed') return decodePolicyDocument(row.value, payload, labelOf('policy', name))
  }
  throw new EngineError('OperationAborted', `Others kept changing the policy "${name}". Try again.`, {})
}

/** The user a key belongs to. One of the same name that came later is another. */
export async function findOwner(
  lookup: Lookup,
  { user, userId }: { user: string; userId: string },
): Promise<Found<UserRecord> | undefined> {
  const found = await findUser(lookup, user)
  return found?.record.userId === userId ? found : undefined
}
