import type { NamedPolicy } from '../contract/policy.js'
import { fromPortable, type PortablePolicy, toPortable } from '../rules/policy/portable-policy.js'
import type { Activity } from '../sync/activity.js'
import type { BucketPolicies } from './bucket-policies.js'
import type { Grants, GrantsOf } from './grants.js'

interface PortableNamed {
  readonly name: string
  readonly policy: PortablePolicy
}

/** Grants as plain data. */
export interface PortableGrants extends Omit<Grants, 'identity' | 'boundaries'> {
  readonly identity: readonly PortableNamed[]
  readonly boundaries: readonly (readonly PortableNamed[])[]
}

/** What decides who may do what, as it is looked up from another thread. */
export interface RightsSource {
  grantsOfKey(accessKeyId: string): Promise<PortableGrants | undefined>
  grantsOfUser(name: string): Promise<PortableGrants | undefined>
  /** `isLasting`: it stays right until a change is counted. */
  bucketPolicyOf(bucket: string): Promise<{ readonly policy?: PortablePolicy; readonly isLasting: boolean }>
}

export class StoredRights implements RightsSource {
  readonly #grants: GrantsOf
  readonly #policies: BucketPolicies
  readonly #activity: Activity

  constructor(grants: GrantsOf, policies: BucketPolicies, activity: Activity) {
    this.#grants = grants
    this.#policies = policies
    this.#activity = activity
  }

  grantsOfKey(accessKeyId: string): Promise<PortableGrants | undefined> {
    return this.#activity.runBriefly(async () => portable(await this.#grants.ofKey(accessKeyId)))
  }

  grantsOfUser(name: string): Promise<PortableGrants | undefined> {
    return this.#activity.runBriefly(async () => portable(await this.#grants.ofUser(name)))
  }

  bucketPolicyOf(bucket: string): Promise<{ policy?: PortablePolicy; isLasting: boolean }> {
    return this.#activity.runBriefly(async () => {
      const policy = await this.#policies.find(bucket)
      return {
        ...(policy === undefined ? {} : { policy: toPortable(policy) }),
        isLasting: this.#policies.mayBeRemembered(bucket),
      }
    })
  }
}

function portable(grants: Grants | undefined): PortableGrants | undefined {
  if (grants === undefined) return undefined
  const each = (policies: readonly NamedPolicy[]) =>
    policies.map(({ name, policy }) => ({ name, policy: toPortable(policy) }))
  return { ...grants, identity: each(grants.identity), boundaries: grants.boundaries.map(each) }
}

export function grantsFrom(portable: PortableGrants): Grants {
  const each = (policies: readonly PortableNamed[]) =>
    policies.map(({ name, policy }) => ({ name, policy: fromPortable(policy) }))
  return { ...portable, identity: each(portable.identity), boundaries: portable.boundaries.map(each) }
}
