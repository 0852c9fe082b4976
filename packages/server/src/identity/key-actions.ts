import { z } from 'zod'
import { type Administered, adminAction } from './admin-action.js'
import { keyOptions, name, pageOf, pageOptions, toKeyOptions, withoutUndefined } from './fields.js'

const one = z.strictObject({ accessKeyId: name })

const ownerOf = async ({ engine }: Administered, { accessKeyId }: { accessKeyId: string }) =>
  (await engine.identities.keys.get(accessKeyId)).user

export const keyActions = {
  'key/add': adminAction({
    input: z.strictObject({ user: name, ...keyOptions }),
    needs: () => ['admin:CreateServiceAccount'],
    makesKeyOf: async (_administered, { user }) => user,
    run: async ({ engine }, { user, ...options }) => ({
      accessKey: await engine.identities.keys.add(user, toKeyOptions(options)),
    }),
  }),
  'key/list': adminAction({
    input: z.strictObject({ user: name.optional(), ...pageOptions }),
    needs: () => ['admin:ListServiceAccounts'],
    run: ({ engine }, options) => pageOf(engine.identities.keys.list(withoutUndefined(options))),
  }),
  'key/show': adminAction({
    input: one,
    needs: () => ['admin:ListServiceAccounts'],
    run: async ({ engine }, { accessKeyId }) => ({
      accessKey: await engine.identities.keys.get(accessKeyId),
    }),
  }),
  'key/remove': adminAction({
    input: one,
    needs: () => ['admin:RemoveServiceAccount'],
    async run({ engine }, { accessKeyId }) {
      await engine.identities.keys.remove(accessKeyId)
      return { removed: accessKeyId }
    },
  }),
  'key/enable': adminAction({
    input: one,
    needs: () => ['admin:UpdateServiceAccount'],
    run: async ({ engine }, { accessKeyId }) => ({
      accessKey: await engine.identities.keys.setEnabled(accessKeyId, true),
    }),
  }),
  'key/disable': adminAction({
    input: one,
    needs: () => ['admin:UpdateServiceAccount'],
    run: async ({ engine }, { accessKeyId }) => ({
      accessKey: await engine.identities.keys.setEnabled(accessKeyId, false),
    }),
  }),
  'key/rotate': adminAction({
    input: z.strictObject({ accessKeyId: name, secretAccessKey: keyOptions.secretAccessKey }),
    needs: () => ['admin:UpdateServiceAccount'],
    makesKeyOf: ownerOf,
    run: async ({ engine }, { accessKeyId, ...options }) => ({
      accessKey: await engine.identities.keys.rotate(accessKeyId, withoutUndefined(options)),
    }),
  }),
}
