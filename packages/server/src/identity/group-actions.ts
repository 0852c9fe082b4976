import { z } from 'zod'
import { adminAction } from './admin-action.js'
import { name, pageOf, pageOptions, withoutUndefined } from './fields.js'

const named = z.strictObject({ name })
const member = z.strictObject({ name, user: name })

export const groupActions = {
  'group/add': adminAction({
    input: named,
    needs: () => ['admin:AddUserToGroup'],
    run: async ({ engine }, { name }) => ({ group: await engine.identities.groups.add(name) }),
  }),
  'group/list': adminAction({
    input: z.strictObject(pageOptions),
    needs: () => ['admin:ListGroups'],
    run: ({ engine }, options) => pageOf(engine.identities.groups.list(withoutUndefined(options))),
  }),
  'group/show': adminAction({
    input: z.strictObject({ name, ...pageOptions }),
    needs: () => ['admin:GetGroup'],
    run: async ({ engine: { identities } }, { name, ...options }) => ({
      group: await identities.groups.get(name),
      members: await pageOf(identities.groups.members(name, withoutUndefined(options))),
    }),
  }),
  'group/remove': adminAction({
    input: named,
    needs: () => ['admin:RemoveUserFromGroup'],
    async run({ engine }, { name }) {
      await engine.identities.groups.remove(name)
      return { removed: name }
    },
  }),
  'group/join': adminAction({
    input: member,
    needs: () => ['admin:AddUserToGroup'],
    async run({ engine: { identities } }, { name, user }) {
      await identities.groups.addMember(name, user)
      return { group: await identities.groups.get(name) }
    },
  }),
  'group/leave': adminAction({
    input: member,
    needs: () => ['admin:RemoveUserFromGroup'],
    async run({ engine: { identities } }, { name, user }) {
      await identities.groups.removeMember(name, user)
      return { group: await identities.groups.get(name) }
    },
  }),
}
