import type { Draft } from '../catalog/draft.js'
import { groupKey, policyKey, userKey } from '../catalog/keys.js'
import { encodeGroup } from '../catalog/records/group-record.js'
import { encodePolicy, type PolicyRecord } from '../catalog/records/policy-record.js'
import { encodeUser } from '../catalog/records/user-record.js'
import type { PolicyHolder } from '../contract/identity.js'
import { limitExceeded } from '../errors.js'
import { limits } from '../limits.js'
import { isBuiltIn } from './built-in-policies.js'
import { type Found, getGroup, getPolicy, getUser } from './entities.js'
import { changeIdentities, type IdentityWorks } from './identity-works.js'

export const attach = (works: IdentityWorks, policy: string, to: PolicyHolder): Promise<void> =>
  changeAttachment(works, policy, to, (attached) => withPolicy(attached, policy))

export const detach = (works: IdentityWorks, policy: string, from: PolicyHolder): Promise<void> =>
  changeAttachment(works, policy, from, (attached) => attached.filter((name) => name !== policy))

/** @throws {@link EngineError} `LimitExceeded` */
export function withPolicy(attached: readonly string[], policy: string): readonly string[] {
  if (attached.includes(policy)) return attached
  if (attached.length === limits.policiesAttachedMax)
    throw limitExceeded('policies attached to one user or group', limits.policiesAttachedMax)
  return [...attached, policy].sort()
}

function changeAttachment(
  works: IdentityWorks,
  name: string,
  holder: PolicyHolder,
  change: (attached: readonly string[]) => readonly string[],
): Promise<void> {
  return changeIdentities(
    works,
    async (draft) => ({
      policy: await getAttachable(draft, name),
      user: 'user' in holder ? await getUser(draft, holder.user) : undefined,
      group: 'group' in holder ? await getGroup(draft, holder.group) : undefined,
    }),
    ({ policy, user, group }, draft) => {
      const { policies: before } = (user ?? group)!.record
      const policies = change(before)
      if (policies.length === before.length) return
      if (user !== undefined) draft.put(userKey(user.name), encodeUser({ ...user.record, policies }))
      if (group !== undefined) draft.put(groupKey(group.name), encodeGroup({ ...group.record, policies }))
      countAttachment(draft, policy, policies.length - before.length)
    },
  )
}

/** A policy's record, which counts its attachments; those of a built-in one are not counted, since it never goes. */
export type Attachable = Found<PolicyRecord> | undefined

/** @throws {@link EngineError} `NoSuchEntity` */
export const getAttachable = async (draft: Draft, name: string): Promise<Attachable> =>
  isBuiltIn(name) ? undefined : getPolicy(draft, name)

export function countAttachment(draft: Draft, policy: Attachable, by: number): void {
  if (policy === undefined) return
  const attachmentCount = policy.record.attachmentCount + by
  draft.put(policyKey(policy.name), encodePolicy({ ...policy.record, attachmentCount }))
}
