import type { Principal } from '../contract/identity.js'
import type { Decision, Policy, PolicyRequest } from '../contract/policy.js'
import { decide } from '../rules/policy/decide.js'
import type { Works } from '../works.js'
import type { Grants } from './grants.js'

export type Question = Pick<PolicyRequest, 'action' | 'resource' | 'context'>

/** What is looked up to decide. */
export interface Findings {
  grantsOf(principal: Principal): Promise<Grants | undefined>
  bucketPolicyOf(bucket: string): Promise<Policy | undefined>
}

const NO_SUCH_PRINCIPAL: Decision = { allowed: false, reason: 'implicit-deny' }

/** @see Engine.can */
export async function can(
  { clock }: Works,
  { grantsOf, bucketPolicyOf }: Findings,
  principal: Principal,
  { action, resource, context }: Question,
): Promise<Decision> {
  const grants = await grantsOf(principal)
  if (grants === undefined || grants.expiresMs <= clock.now()) return NO_SUCH_PRINCIPAL
  const bucketName = bucketIn(resource)
  const bucket = bucketName === undefined ? undefined : await bucketPolicyOf(bucketName)
  const { subject, identity, boundaries } = grants
  return decide(
    { identity, boundaries, ...(bucket && { bucket }) },
    {
      principal: subject,
      action,
      resource,
      context: grants.context.size === 0 ? context : new Map([...context, ...grants.context]),
    },
  )
}

const PREFIX = 'arn:aws:s3:::'

function bucketIn(resource: string): string | undefined {
  if (!resource.startsWith(PREFIX)) return undefined
  const [bucket = ''] = resource.slice(PREFIX.length).split('/', 1)
  return bucket === '*' || bucket === '' ? undefined : bucket
}
