import { accessKeyIdOf, ownedKeyIdOf } from '../../catalog/keys.js'
import { type AccessKeyRecord, decodeAccessKey } from '../../catalog/records/access-key-record.js'
import { decodeGroup, type GroupRecord } from '../../catalog/records/group-record.js'
import { decodePolicy, decodePolicyDocument, type PolicyRecord } from '../../catalog/records/policy-record.js'
import { decodeSealing } from '../../catalog/records/sealing-record.js'
import { decodeUser, decodeUserName, type UserRecord } from '../../catalog/records/user-record.js'
import type { Row } from '../../kv/kv.js'

const ID_BYTES = 32

/** Who may use the store, as the rows have it. */
export class StoredIdentities {
  readonly users = new Map<string, UserRecord>()
  readonly keys = new Map<string, AccessKeyRecord>()
  readonly groups = new Map<string, GroupRecord>()
  readonly policies = new Map<string, PolicyRecord>()
  /** Names of policies that have a document. */
  readonly documents = new Set<string>()
  /** Each `group` NUL `user`. */
  readonly members = new Set<string>()
  /** Names of users by their ids. */
  readonly names = new Map<string, string>()
  /** Each an id of a user, a space, and an access key's id. */
  readonly ownedKeys = new Set<string>()
  sealingGenerations: readonly number[] = []
}

/** One row of the family. */
export function readIdentityRow(found: StoredIdentities, { key, value, payloadBytes }: Row): void {
  const name = accessKeyIdOf(key) // The name behind the kind, whatever the kind is.
  switch (String.fromCharCode(key[1]!)) {
    case 'u':
      found.users.set(name, decodeUser(value))
      return
    case 'k':
      found.keys.set(name, decodeAccessKey(value))
      return
    case 'g':
      found.groups.set(name, decodeGroup(value))
      return
    case 'p':
      found.policies.set(name, decodePolicy(value))
      return
    case 'd':
      decodePolicyDocument(value, new Uint8Array(), name)
      if (payloadBytes === 0) throw new Error('the document is empty')
      found.documents.add(name)
      return
    case 'm':
      found.members.add(name)
      return
    case 'i':
      found.names.set(hex(key.subarray(2)), decodeUserName(value))
      return
    case 'o':
      found.ownedKeys.add(`${hex(key.subarray(2, 2 + ID_BYTES))} ${ownedKeyIdOf(key)}`)
      return
    case 's':
      found.sealingGenerations = decodeSealing(value).map(({ generation }) => generation)
      return
    default:
      throw new Error('no kind of identity begins so')
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
