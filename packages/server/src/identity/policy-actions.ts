import { contextKey, isConditionKey, levelOfAction, type PolicyHolder, type Principal } from '@aquifer/engine'
import { S3Error } from '@aquifer/http-adapter'
import { z } from 'zod'
import { type Administered, adminAction } from './admin-action.js'
import { name, pageOf, pageOptions, policyDocument, withoutUndefined } from './fields.js'

const named = z.strictObject({ name })
const attachment = z
  .strictObject({ name, user: name.optional(), group: name.optional() })
  .refine(
    ({ user, group }) => (user === undefined) !== (group === undefined),
    'either a user or a group is named',
  )

const holderOf = ({
  user,
  group,
}: {
  user?: string | undefined
  group?: string | undefined
}): PolicyHolder => (user === undefined ? { group: group! } : { user })

const question = z.strictObject({
  /** Without either it is asked for somebody who does not sign. */
  accessKeyId: name.optional(),
  user: name.optional(),
  action: name,
  /** An ARN, or what stands in one behind `arn:aws:s3:::`. */
  resource: z.string().min(1).max(2_048),
  context: z.record(z.string().max(256), z.union([z.string(), z.array(z.string())])).optional(),
})

export const policyActions = {
  'policy/add': adminAction({
    input: z.strictObject({ name, document: policyDocument, replace: z.boolean().optional() }),
    needs: () => ['admin:CreatePolicy'],
    async run({ engine: { identities } }, { name, document, replace = false }) {
      const verb = replace ? identities.policies.replace : identities.policies.add
      return { policy: await verb(name, document) }
    },
  }),
  'policy/list': adminAction({
    input: z.strictObject(pageOptions),
    needs: () => ['admin:GetPolicy'],
    run: ({ engine }, options) => pageOf(engine.identities.policies.list(withoutUndefined(options))),
  }),
  'policy/show': adminAction({
    input: named,
    needs: () => ['admin:GetPolicy'],
    run: async ({ engine }, { name }) => ({ policy: await engine.identities.policies.get(name) }),
  }),
  'policy/remove': adminAction({
    input: named,
    needs: () => ['admin:DeletePolicy'],
    async run({ engine }, { name }) {
      await engine.identities.policies.remove(name)
      return { removed: name }
    },
  }),
  'policy/attach': adminAction({
    input: attachment,
    needs: () => ['admin:AttachUserOrGroupPolicy'],
    async run({ engine }, { name, ...holder }) {
      await engine.identities.attach(name, holderOf(holder))
      return { attached: name, to: holderOf(holder) }
    },
  }),
  'policy/detach': adminAction({
    input: attachment,
    needs: () => ['admin:UpdatePolicyAssociation'],
    async run({ engine }, { name, ...holder }) {
      await engine.identities.detach(name, holderOf(holder))
      return { detached: name, from: holderOf(holder) }
    },
  }),
  'policy/explain': adminAction({
    input: question,
    needs: () => ['admin:ListUserPolicies'],
    async run(administered, { action, resource, context = {}, ...who }) {
      const arn = resource.startsWith('arn:') ? resource : `arn:aws:s3:::${resource}`
      checkAskable(action, arn, Object.keys(context))
      const entries = Object.entries(context).map(
        ([key, values]) => [contextKey(key), [values].flat()] as const,
      )
      const principal = await principalAskedFor(administered, who)
      const decision = await administered.engine.can(principal, action, arn, new Map(entries))
      return { who: { kind: principal.kind, name: principal.name }, action, resource: arn, ...decision }
    },
  }),
}

async function principalAskedFor(
  { engine: { identities }, rootAccessKeyId }: Administered,
  { accessKeyId, user }: { accessKeyId?: string | undefined; user?: string | undefined },
): Promise<Principal> {
  const known = { id: '', displayName: '' }
  if (accessKeyId !== undefined) {
    if (accessKeyId === rootAccessKeyId) return { kind: 'root', name: 'root', accessKeyId, ...known }
    const key = await identities.keys.get(accessKeyId)
    return { kind: 'user', name: key.user, accessKeyId, ...known }
  }
  if (user !== undefined) return { kind: 'user', name: (await identities.users.get(user)).name, ...known }
  return { kind: 'anonymous', name: '', ...known }
}

const askedOf = { object: 'an object, BUCKET/KEY', bucket: 'a bucket' }

/**
 * A slip would be answered like a question, by a policy that speaks of all actions even with yes.
 *
 * @throws {@link S3Error} `InvalidArgument`
 */
function checkAskable(action: string, arn: string, contextKeys: readonly string[]): void {
  const level = levelOfAction(action)
  if (level === undefined) throw invalid(`There is no action "${action}".`)
  const isOfObject = /^arn:aws:s3:::[^/]+\/./.test(arn)
  if (level !== 'service' && (level === 'object') !== isOfObject)
    throw invalid(`${action} is asked of ${askedOf[level]}, and not of "${arn}".`)
  const unknown = contextKeys.find((key) => !isConditionKey(key))
  if (unknown !== undefined) throw invalid(`There is no condition key "${unknown}".`)
}

const invalid = (message: string): S3Error => new S3Error('InvalidArgument', message)
