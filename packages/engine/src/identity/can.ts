import type { Clock } from '../clock.js'
import type { Principal } from '../contract/identity.js'
import type { Decision, NamedPolicy, Policy, PolicyContext, PolicyRequest } from '../contract/policy.js'
import type { Awaitable } from '../kv/kv.js'
import { decide } from '../rules/policy/decide.js'
import type { Grants } from './grants.js'

export type Question = Pick<PolicyRequest, 'action' | 'resource' | 'context'>

/** What is looked up to decide; at once where it is known. */
export interface Findings {
  grantsOf(principal: Principal): Awaitable<Grants | undefined>
  bucketPolicyOf(bucket: string): Awaitable<Policy | undefined>
}

const NO_SUCH_PRINCIPAL: Decision = { allowed: false, reason: 'implicit-deny' }
const ROOT: Decision = { allowed: true, reason: 'root' }

/** Waits for nothing that is known: every request asks this, most of them more than once. @see Engine.can */
export function can(
  clock: Clock,
  findings: Findings,
  principal: Principal,
  question: Question,
): Awaitable<Decision> {
  const bucketName = bucketIn(question.resource)
  const bucket = bucketName === undefined ? undefined : findings.bucketPolicyOf(bucketName)
  if (principal.kind === 'root' && principal.keyKind === undefined && bucket === undefined) return ROOT
  const grants = findings.grantsOf(principal)
  if (grants instanceof Promise || bucket instanceof Promise)
    return Promise.all([grants, bucket]).then(([found, policy]) => canBy(clock, found, policy, question))
  return canBy(clock, grants, bucket, question)
}

function canBy(
  clock: Clock,
  grants: Grants | undefined,
  bucket: Policy | undefined,
  { action, resource, context }: Question,
): Awaitable<Decision> {
  if (grants === undefined || grants.expiresMs <= clock.now()) return NO_SUCH_PRINCIPAL
  const { subject, identity, boundaries } = grants
  const policies = { identity, boundaries, ...(bucket && { bucket }) }
  const known = grants.context.size === 0 ? context : { get: wins(grants.context, context) }
  const decided = () => decide(policies, { principal: subject, action, resource, context: known })
  if (context.prepare === undefined) return decided()
  const asked = contextKeysOf([...identity, ...boundaries.flat()], bucket)
  const prepared = asked.size === 0 ? undefined : context.prepare(asked)
  return prepared === undefined ? decided() : prepared.then(decided)
}

const wins =
  (first: PolicyContext, second: PolicyContext): PolicyContext['get'] =>
  (key) =>
    first.get(key) ?? second.get(key)

function contextKeysOf(named: readonly NamedPolicy[], bucket: Policy | undefined): ReadonlySet<string> {
  const keys = new Set(bucket?.contextKeys)
  for (const { policy } of named) for (const key of policy.contextKeys) keys.add(key)
  return keys
}

const PREFIX = 'arn:aws:s3:::'

function bucketIn(resource: string): string | undefined {
  if (!resource.startsWith(PREFIX)) return undefined
  const slash = resource.indexOf('/', PREFIX.length)
  const bucket = slash === -1 ? resource.slice(PREFIX.length) : resource.slice(PREFIX.length, slash)
  return bucket === '*' || bucket === '' ? undefined : bucket
}
