import type { Principal } from '../contract/identity.js'
import type { NamedPolicy, PolicyPrincipal } from '../contract/policy.js'
import type { Awaitable } from '../kv/kv.js'
import { parsePolicy } from '../rules/policy/parse-policy.js'
import { findBuiltIn } from './built-in-policies.js'
import { findGroup, findPolicyDocument, findUser } from './entities.js'
import { findUsableKey } from './find-access-key.js'
import type { IdentityWorks } from './identity-works.js'

/** All that the store says of what one principal may do. */
export interface Grants {
  readonly subject: PolicyPrincipal
  readonly identity: readonly NamedPolicy[]
  readonly boundaries: readonly (readonly NamedPolicy[])[]
  /** Condition keys that speak of whom another provider vouches for. */
  readonly context: ReadonlyMap<string, readonly string[]>
  readonly expiresMs: number
}

const nothing = { identity: [], boundaries: [], context: new Map(), expiresMs: Number.POSITIVE_INFINITY }

/** Where grants are looked up of whom the store knows. */
export interface GrantsOf {
  ofKey(accessKeyId: string): Awaitable<Grants | undefined>
  ofUser(name: string): Awaitable<Grants | undefined>
}

/** Those of whom the store does not know are no secret of its. */
export function grantsBy(known: GrantsOf, principal: Principal): Awaitable<Grants | undefined> {
  const { kind, id, name, accessKeyId } = principal
  switch (kind) {
    case 'anonymous':
      return { ...nothing, subject: { type: 'anonymous' } }
    case 'root':
      if (principal.keyKind !== undefined) return known.ofKey(accessKeyId!)
      return {
        ...nothing,
        subject: { type: 'root', userId: id, userName: name, accessKeyId: accessKeyId ?? '' },
      }
    case 'user':
    case 'federated':
      return accessKeyId !== undefined ? known.ofKey(accessKeyId) : known.ofUser(name)
  }
}

/** Looks up what a principal may do; what it says of itself is used to find it, and for nothing else. */
export class GrantsFinder implements GrantsOf {
  readonly #works: IdentityWorks
  readonly #ofKey: (accessKeyId: string) => Awaitable<Grants | undefined>
  readonly #ofUser: (name: string) => Awaitable<Grants | undefined>
  readonly #policy: (name: string) => Awaitable<NamedPolicy | undefined>

  constructor(works: IdentityWorks) {
    const { remembered } = works
    this.#works = works
    this.#ofKey = remembered.remembering((accessKeyId) => this.#findOfKey(accessKeyId))
    this.#ofUser = remembered.remembering((name) => this.#findOfUser(name))
    this.#policy = remembered.remembering((name) => this.#findPolicy(name))
  }

  /** Undefined where there is no such principal any more, or it is not enabled. */
  find(principal: Principal): Awaitable<Grants | undefined> {
    return grantsBy(this, principal)
  }

  ofKey(accessKeyId: string): Awaitable<Grants | undefined> {
    return this.#ofKey(accessKeyId)
  }

  ofUser(name: string): Awaitable<Grants | undefined> {
    return this.#ofUser(name)
  }

  async #findOfKey(accessKeyId: string): Promise<Grants | undefined> {
    const key = await findUsableKey(this.#works, accessKeyId)
    if (key === undefined) return undefined
    const { record, principal, groups, policies, chain } = key
    const { expiresMs = Number.POSITIVE_INFINITY } = record
    const federation = chain.at(-1)!.federation
    const named = { userId: principal.id, userName: principal.name, accessKeyId }
    return {
      subject:
        principal.kind === 'root'
          ? { type: 'root', ...named }
          : {
              type: 'user',
              ...named,
              groups,
              principalType: federation
                ? 'FederatedUser'
                : record.kind === 'temporary'
                  ? 'AssumedRole'
                  : 'User',
            },
      identity: await this.#policiesOf(policies, groups),
      boundaries: chain.flatMap(({ kind, ownPolicy }) =>
        ownPolicy === undefined
          ? []
          : [[{ name: boundaryNames[kind], policy: parsePolicy(ownPolicy, 'session') }]],
      ),
      context: new Map(
        federation && [
          ['jwt:iss', [federation.issuer]],
          ['jwt:sub', [federation.subject]],
        ],
      ),
      expiresMs,
    }
  }

  async #findOfUser(name: string): Promise<Grants | undefined> {
    const user = await findUser(this.#works.kv, name)
    if (user === undefined || !user.record.enabled) return undefined
    const { userId, groups, policies } = user.record
    return {
      ...nothing,
      subject: { type: 'user', userId, userName: name, accessKeyId: '', groups, principalType: 'User' },
      identity: await this.#policiesOf(policies, groups),
    }
  }

  /** Each policy once, the user's own first. */
  async #policiesOf(own: readonly string[], groups: readonly string[]): Promise<NamedPolicy[]> {
    const names = new Set(own)
    for (const name of groups) {
      const group = await findGroup(this.#works.kv, name)
      for (const policy of group?.record.policies ?? []) names.add(policy)
    }
    const policies = await Promise.all([...names].map((name) => this.#policy(name)))
    return policies.filter((policy) => policy !== undefined)
  }

  /** A document that cannot be read any more might deny: then nothing is decided without it. */
  async #findPolicy(name: string): Promise<NamedPolicy | undefined> {
    const document = findBuiltIn(name) ?? (await findPolicyDocument(this.#works.kv, name))
    return document === undefined ? undefined : { name, policy: parsePolicy(document, 'identity') }
  }
}

const boundaryNames = {
  user: 'policy of the key',
  service: 'policy of the service key',
  temporary: 'policy of the session',
} as const
