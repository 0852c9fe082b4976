import { allGroups, groupKey, memberKey, membersOf } from '../catalog/keys.js'
import { listing } from '../catalog/listing.js'
import { decodeGroup, encodeGroup, type GroupRecord } from '../catalog/records/group-record.js'
import { encodeUser } from '../catalog/records/user-record.js'
import type { GroupInfo } from '../contract/identity.js'
import type { Listing, ListOptions } from '../contract/listing.js'
import { EngineError, entityAlreadyExists, limitExceeded } from '../errors.js'
import { limits } from '../limits.js'
import { checkIdentityName } from '../rules/identity-name.js'
import { countAttachment, getAttachable } from './attachments.js'
import { findGroup, getGroup, getUser, labelOf } from './entities.js'
import { changeIdentities, type IdentityWorks } from './identity-works.js'

export function addGroup(works: IdentityWorks, name: string): Promise<GroupInfo> {
  checkIdentityName('group', name)
  return changeIdentities(
    works,
    (draft) => findGroup(draft, name),
    (before, draft) => {
      if (before !== undefined) throw entityAlreadyExists('group', name)
      const record = { createdMs: works.clock.now(), memberCount: 0, policies: [] }
      draft.put(groupKey(name), encodeGroup(record))
      return toGroupInfo(name, record)
    },
  )
}

export const getGroupInfo = async (works: IdentityWorks, name: string): Promise<GroupInfo> =>
  toGroupInfo(name, (await getGroup(works.kv, name)).record)

export function listGroups(works: IdentityWorks, options: ListOptions): Listing<GroupInfo, 'group'> {
  return listing(works.kv, options, async () => ({
    type: 'group',
    family: allGroups(),
    read: (row, { key }) => toGroupInfo(key, decodeGroup(row.value, labelOf('group', key))),
  }))
}

export function listMembers(
  works: IdentityWorks,
  group: string,
  options: ListOptions,
): Listing<string, 'user'> {
  return listing(works.kv, options, async () => {
    await getGroup(works.kv, group)
    return { type: 'user', family: membersOf(group), read: (_row, { key }) => key }
  })
}

export function removeGroup(works: IdentityWorks, name: string): Promise<void> {
  return changeIdentities(
    works,
    async (draft) => {
      const group = await getGroup(draft, name)
      const { policies } = group.record
      return {
        group,
        attachables: await Promise.all(policies.map((policy) => getAttachable(draft, policy))),
      }
    },
    ({ group, attachables }, draft) => {
      const { memberCount } = group.record
      if (memberCount > 0)
        throw new EngineError(
          'DeleteConflict',
          `The group "${name}" has ${memberCount} members. Remove them from it first.`,
          { kind: 'group', name },
        )
      draft.freesSpace = true
      draft.delete(group.row.key)
      for (const policy of attachables) countAttachment(draft, policy, -1)
    },
  )
}

export const addMember = (works: IdentityWorks, group: string, user: string): Promise<void> =>
  changeMembership(works, group, user, true)

export const removeMember = (works: IdentityWorks, group: string, user: string): Promise<void> =>
  changeMembership(works, group, user, false)

/** Who is in a group stands with the user, where requests look, and in a row under the group, for lists. */
function changeMembership(
  works: IdentityWorks,
  groupName: string,
  userName: string,
  isToBe: boolean,
): Promise<void> {
  return changeIdentities(
    works,
    async (draft) => ({ group: await getGroup(draft, groupName), user: await getUser(draft, userName) }),
    ({ group, user }, draft) => {
      const { groups: before } = user.record
      if (before.includes(groupName) === isToBe) return
      if (isToBe && before.length === limits.groupsOfUserMax)
        throw limitExceeded('groups of one user', limits.groupsOfUserMax)
      const groups = isToBe ? [...before, groupName].sort() : before.filter((name) => name !== groupName)
      draft.put(user.row.key, encodeUser({ ...user.record, groups }))
      const memberCount = group.record.memberCount + (isToBe ? 1 : -1)
      draft.put(group.row.key, encodeGroup({ ...group.record, memberCount }))
      if (isToBe) draft.put(memberKey(groupName, userName), new Uint8Array())
      else draft.delete(memberKey(groupName, userName))
    },
  )
}

const toGroupInfo = (name: string, { createdMs, policies, memberCount }: GroupRecord): GroupInfo => ({
  name,
  created: new Date(createdMs),
  policies,
  memberCount,
})
