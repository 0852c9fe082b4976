import { allUsers, groupKey, memberKey, userIdKey, userKey } from '../catalog/keys.js'
import { listing } from '../catalog/listing.js'
import { encodeGroup } from '../catalog/records/group-record.js'
import { decodeUser, encodeUser, encodeUserName, type UserRecord } from '../catalog/records/user-record.js'
import type { AddUserOptions, NewAccessKey, UserInfo } from '../contract/identity.js'
import type { Listing, ListOptions } from '../contract/listing.js'
import { entityAlreadyExists } from '../errors.js'
import { checkIdentityName, checkLabel } from '../rules/identity-name.js'
import { countAttachment, getAttachable, withPolicy } from './attachments.js'
import { findUser, getGroup, getUser, labelOf } from './entities.js'
import { changeIdentities, type IdentityWorks } from './identity-works.js'
import { planAccessKey } from './plan-access-key.js'

export function addUser(
  works: IdentityWorks,
  name: string,
  { displayName, policies = [], accessKey }: AddUserOptions,
): Promise<{ user: UserInfo; accessKey?: NewAccessKey }> {
  checkIdentityName('user', name)
  if (displayName !== undefined) checkLabel('display name', displayName)
  if (works.reserved.has(name)) throw entityAlreadyExists('user', name)
  const attached = policies.reduce<readonly string[]>(withPolicy, [])
  const plan = accessKey && planAccessKey(works, accessKey)
  return changeIdentities(
    works,
    async (draft) => ({
      before: await findUser(draft, name),
      attachables: await Promise.all(attached.map((policy) => getAttachable(draft, policy))),
      addKey: await plan?.read(draft),
    }),
    ({ before, attachables, addKey }, draft) => {
      if (before !== undefined) throw entityAlreadyExists('user', name)
      const record: UserRecord = {
        userId: newUserId(works),
        createdMs: works.clock.now(),
        enabled: true,
        keyCount: addKey === undefined ? 0 : 1,
        ...(displayName === undefined ? {} : { displayName }),
        policies: attached,
        groups: [],
      }
      draft.put(userKey(name), encodeUser(record))
      draft.put(userIdKey(Buffer.from(record.userId, 'hex')), encodeUserName(name))
      for (const policy of attachables) countAttachment(draft, policy, 1)
      const user = toUserInfo(name, record)
      return addKey === undefined
        ? { user }
        : { user, accessKey: addKey(draft, { name, userId: record.userId }) }
    },
  )
}
export const getUserInfo = async (works: IdentityWorks, name: string): Promise<UserInfo> =>
  toUserInfo(name, (await getUser(works.kv, name)).record)

export function listUsers(works: IdentityWorks, options: ListOptions): Listing<UserInfo, 'user'> {
  return listing(works.kv, options, async () => ({
    type: 'user',
    family: allUsers(),
    read: (row, { key }) => toUserInfo(key, decodeUser(row.value, labelOf('user', key))),
  }))
}

/** Its keys are worth nothing without it, and go behind it: there may be thousands. */
export function removeUser(works: IdentityWorks, name: string): Promise<void> {
  return changeIdentities(
    works,
    async (draft) => {
      const user = await getUser(draft, name)
      const { policies, groups } = user.record
      return {
        user,
        attachables: await Promise.all(policies.map((policy) => getAttachable(draft, policy))),
        memberships: await Promise.all(groups.map((group) => getGroup(draft, group))),
      }
    },
    ({ user, attachables, memberships }, draft) => {
      const userId = Buffer.from(user.record.userId, 'hex')
      draft.freesSpace = true
      draft.delete(userKey(name))
      draft.delete(userIdKey(userId))
      for (const policy of attachables) countAttachment(draft, policy, -1)
      for (const group of memberships) {
        draft.delete(memberKey(group.name, name))
        const memberCount = group.record.memberCount - 1
        draft.put(groupKey(group.name), encodeGroup({ ...group.record, memberCount }))
      }
      draft.defer(works.clock.now(), works.ids.next(), { kind: 'access-keys', userId })
    },
  )
}

export function setUserEnabled(works: IdentityWorks, name: string, enabled: boolean): Promise<UserInfo> {
  return changeIdentities(
    works,
    (draft) => getUser(draft, name),
    ({ row, record }, draft) => {
      const changed = { ...record, enabled }
      if (record.enabled !== enabled) draft.put(row.key, encodeUser(changed))
      return toUserInfo(name, changed)
    },
  )
}

/** 64 digits, as S3's canonical ids have. */
const newUserId = ({ ids }: IdentityWorks): string => Buffer.concat([ids.next(), ids.next()]).toString('hex')

function toUserInfo(name: string, record: UserRecord): UserInfo {
  return {
    name,
    id: record.userId,
    displayName: record.displayName ?? name,
    enabled: record.enabled,
    created: new Date(record.createdMs),
    policies: record.policies,
    groups: record.groups,
  }
}
