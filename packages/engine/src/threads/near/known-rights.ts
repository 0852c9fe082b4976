import { type Clock, systemClock } from '../../clock.js'
import type { FoundAccessKey, Identities, Principal } from '../../contract/identity.js'
import type { Decision, Policy } from '../../contract/policy.js'
import { can, type Findings, type Question } from '../../identity/can.js'
import { type Grants, grantsBy } from '../../identity/grants.js'
import { grantsFrom, type RightsSource } from '../../identity/rights-source.js'
import type { Awaitable } from '../../kv/kv.js'
import { fromPortable } from '../../rules/policy/portable-policy.js'
import { SharedCount } from '../../sync/shared-count.js'
import { CountedMemory } from './counted-memory.js'

/**
 * What every request asks, decided on this side by what was found on the other. It is remembered until the engine counts a
 * change, which it does before whoever made it is answered: nothing that was revoked is let in afterwards.
 */
export class KnownRights {
  readonly #clock: Clock = systemClock
  readonly #findings: Findings
  readonly findAccessKey: (accessKeyId: string) => Promise<FoundAccessKey | undefined>
  readonly findDisplayName: (id: string) => Promise<string | undefined>

  constructor(
    source: RightsSource,
    identities: Pick<Identities, 'findAccessKey' | 'findDisplayName'>,
    changes: SharedArrayBuffer,
  ) {
    const memory = new CountedMemory(new SharedCount(changes))
    const known = {
      ofKey: memory.of<Grants>(async (accessKeyId) => {
        const found = await source.grantsOfKey(accessKeyId)
        return found && { value: grantsFrom(found), isLasting: true }
      }),
      ofUser: memory.of<Grants>(async (name) => {
        const found = await source.grantsOfUser(name)
        return found && { value: grantsFrom(found), isLasting: true }
      }),
    }
    this.#findings = {
      grantsOf: (principal) => grantsBy(known, principal),
      bucketPolicyOf: memory.of<Policy>(async (bucket) => {
        const { policy, isLasting } = await source.bucketPolicyOf(bucket)
        return { value: policy && fromPortable(policy), isLasting }
      }),
    }
    const findKey = memory.of<FoundAccessKey>(async (accessKeyId) => {
      const value = await identities.findAccessKey(accessKeyId)
      return value && { value, isLasting: true }
    })
    const findName = memory.of<string>(async (id) => {
      const value = await identities.findDisplayName(id)
      return value === undefined ? undefined : { value, isLasting: true }
    })
    this.findAccessKey = async (accessKeyId) => findKey(accessKeyId)
    this.findDisplayName = async (id) => findName(id)
  }

  can(principal: Principal, question: Question): Awaitable<Decision> {
    return can(this.#clock, this.#findings, principal, question)
  }
}
