import { z } from 'zod'
import { adminAction } from './admin-action.js'
import { keyOptions, name, pageOf, pageOptions, toKeyOptions, withoutUndefined } from './fields.js'

const named = z.strictObject({ name })

export const userActions = {
  'user/add': adminAction({
    input: z.strictObject({
      name,
      displayName: z.string().max(1_024).optional(),
      policies: z.array(name).max(100).optional(),
      accessKey: z.strictObject(keyOptions).optional(),
    }),
    needs: ({ policies = [] }) => [
      'admin:CreateUser',
      ...(policies.length > 0 ? ['admin:AttachUserOrGroupPolicy'] : []),
    ],
    run: ({ engine }, { name, accessKey, ...options }) =>
      engine.identities.users.add(name, {
        ...withoutUndefined(options),
        ...(accessKey === undefined ? {} : { accessKey: toKeyOptions(accessKey) }),
      }),
  }),
  'user/list': adminAction({
    input: z.strictObject(pageOptions),
    needs: () => ['admin:ListUsers'],
    run: ({ engine }, options) => pageOf(engine.identities.users.list(withoutUndefined(options))),
  }),
  'user/show': adminAction({
    input: named,
    needs: () => ['admin:GetUser'],
    async run({ engine: { identities } }, { name }) {
      const user = await identities.users.get(name)
      return { user, keys: await pageOf(identities.keys.list({ user: name })) }
    },
  }),
  'user/remove': adminAction({
    input: named,
    needs: () => ['admin:DeleteUser'],
    async run({ engine }, { name }) {
      await engine.identities.users.remove(name)
      return { removed: name }
    },
  }),
  'user/enable': adminAction({
    input: named,
    needs: () => ['admin:EnableUser'],
    run: async ({ engine }, { name }) => ({ user: await engine.identities.users.setEnabled(name, true) }),
  }),
  'user/disable': adminAction({
    input: named,
    needs: () => ['admin:DisableUser'],
    run: async ({ engine }, { name }) => ({ user: await engine.identities.users.setEnabled(name, false) }),
  }),
}
