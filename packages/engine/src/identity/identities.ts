import type {
  AccessKeys,
  AssumeRoleOptions,
  CreateSessionOptions,
  FoundAccessKey,
  Groups,
  Identities,
  Policies,
  PolicyHolder,
  Principal,
  TemporaryCredentials,
  Users,
} from '../contract/identity.js'
import type { Decision } from '../contract/policy.js'
import type { Cancel } from '../contract/source.js'
import type { Finding } from '../contract/store.js'
import { isEngineError } from '../errors.js'
import type { Awaitable } from '../kv/kv.js'
import type { Activity } from '../sync/activity.js'
import type { Works } from '../works.js'
import {
  addAccessKey,
  getAccessKeyInfo,
  listAccessKeys,
  removeAccessKey,
  rotateAccessKey,
  setAccessKeyEnabled,
} from './access-keys.js'
import { assumeRole } from './assume-role.js'
import { attach, detach } from './attachments.js'
import { can, type Findings, type Question } from './can.js'
import { createSession } from './create-session.js'
import { discardKeys } from './discard-keys.js'
import { findAccessKey } from './find-access-key.js'
import { findDisplayName } from './find-display-name.js'
import { GrantsFinder } from './grants.js'
import {
  addGroup,
  addMember,
  getGroupInfo,
  listGroups,
  listMembers,
  removeGroup,
  removeMember,
} from './groups.js'
import type { IdentityWorks } from './identity-works.js'
import { addPolicy, getPolicyInfo, listPolicies, removePolicy, replacePolicy } from './policies.js'
import { Remembered } from './remembered.js'
import { finishResealing, reseal } from './reseal.js'
import { type RightsSource, StoredRights } from './rights-source.js'
import { addUser, getUserInfo, listUsers, removeUser, setUserEnabled } from './users.js'

/** Each verb handed on, and counted as running. */
export class IdentitiesHandle implements Identities {
  readonly #works: IdentityWorks
  readonly #activity: Activity
  readonly #reserved = new Set<string>()
  readonly #findKey: (accessKeyId: string) => Awaitable<FoundAccessKey | undefined>
  readonly #findName: (id: string) => Awaitable<{ displayName: string } | undefined>
  readonly #findings: Findings
  /** For who decides in another thread. */
  readonly rights: RightsSource

  private constructor(works: Works, activity: Activity) {
    const remembered = new Remembered()
    this.#works = { ...works, remembered, reserved: this.#reserved }
    this.#activity = activity
    this.#findKey = remembered.remembering((accessKeyId) => findAccessKey(this.#works, accessKeyId))
    this.#findName = remembered.remembering((id) => findDisplayName(this.#works, id))
    const grants = new GrantsFinder(this.#works)
    this.#findings = {
      grantsOf: (principal) => grants.find(principal),
      bucketPolicyOf: (bucket) => works.bucketPolicies.find(bucket),
    }
    this.rights = new StoredRights(grants, works.bucketPolicies, activity)
  }

  static async open(works: Works, activity: Activity): Promise<IdentitiesHandle> {
    const identities = new IdentitiesHandle(works, activity)
    if (await works.sealing.isResealing()) await identities.#finishResealing()
    return identities
  }

  /** It can wait: the secrets open either way. */
  async #finishResealing(): Promise<void> {
    try {
      await finishResealing(this.#works)
    } catch (error) {
      if (!isEngineError(error, 'StorageFull') && !isEngineError(error, 'StorageUnavailable')) throw error
    }
  }

  #run<T>({ signal }: Cancel, verb: (works: IdentityWorks) => Promise<T>): Promise<T> {
    return this.#activity.run(signal, async (joined) => {
      joined.throwIfAborted()
      return verb(this.#works)
    })
  }

  readonly users: Users = {
    add: (name, options = {}) => this.#run(options, (works) => addUser(works, name, options)),
    get: (name, options = {}) => this.#run(options, (works) => getUserInfo(works, name)),
    list: (options = {}) => listUsers(this.#works, options),
    remove: (name, options = {}) => this.#run(options, (works) => removeUser(works, name)),
    setEnabled: (name, enabled, options = {}) =>
      this.#run(options, (works) => setUserEnabled(works, name, enabled)),
  }

  readonly keys: AccessKeys = {
    add: (user, options = {}) => this.#run(options, (works) => addAccessKey(works, user, options)),
    get: (accessKeyId, options = {}) => this.#run(options, (works) => getAccessKeyInfo(works, accessKeyId)),
    list: (options = {}) => listAccessKeys(this.#works, options),
    remove: (accessKeyId, options = {}) => this.#run(options, (works) => removeAccessKey(works, accessKeyId)),
    setEnabled: (accessKeyId, enabled, options = {}) =>
      this.#run(options, (works) => setAccessKeyEnabled(works, accessKeyId, enabled)),
    rotate: (accessKeyId, options = {}) =>
      this.#run(options, (works) => rotateAccessKey(works, accessKeyId, options)),
  }

  readonly groups: Groups = {
    add: (name, options = {}) => this.#run(options, (works) => addGroup(works, name)),
    get: (name, options = {}) => this.#run(options, (works) => getGroupInfo(works, name)),
    list: (options = {}) => listGroups(this.#works, options),
    remove: (name, options = {}) => this.#run(options, (works) => removeGroup(works, name)),
    addMember: (group, user, options = {}) => this.#run(options, (works) => addMember(works, group, user)),
    removeMember: (group, user, options = {}) =>
      this.#run(options, (works) => removeMember(works, group, user)),
    members: (group, options = {}) => listMembers(this.#works, group, options),
  }

  readonly policies: Policies = {
    add: (name, document, options = {}) => this.#run(options, (works) => addPolicy(works, name, document)),
    replace: (name, document, options = {}) =>
      this.#run(options, (works) => replacePolicy(works, name, document)),
    get: (name, options = {}) => this.#run(options, (works) => getPolicyInfo(works, name)),
    list: (options = {}) => listPolicies(this.#works, options),
    remove: (name, options = {}) => this.#run(options, (works) => removePolicy(works, name)),
  }

  attach(policy: string, to: PolicyHolder, options: Cancel = {}): Promise<void> {
    return this.#run(options, (works) => attach(works, policy, to))
  }

  detach(policy: string, from: PolicyHolder, options: Cancel = {}): Promise<void> {
    return this.#run(options, (works) => detach(works, policy, from))
  }

  assumeRole(options: AssumeRoleOptions): Promise<TemporaryCredentials> {
    return this.#run(options, (works) => assumeRole(works, options))
  }

  createSession(of: Principal, options: CreateSessionOptions): Promise<TemporaryCredentials> {
    return this.#run(options, (works) => createSession(works, of, options))
  }

  findAccessKey(accessKeyId: string): Promise<FoundAccessKey | undefined> {
    return this.#activity.runBriefly(async () => this.#findKey(accessKeyId))
  }

  findDisplayName(id: string): Promise<string | undefined> {
    return this.#activity.runBriefly(async () => (await this.#findName(id))?.displayName)
  }

  /** @see Engine.can */
  can(principal: Principal, question: Question): Awaitable<Decision> {
    return can(this.#works.clock, this.#findings, principal, question)
  }

  reserve(name: string): void {
    this.#reserved.add(name)
  }

  reseal(sealingKey: Uint8Array, options: Cancel = {}): Promise<Finding[]> {
    return this.#run(options, (works) => reseal(works, sealingKey))
  }

  discardKeys(options: Cancel = {}): Promise<number> {
    return this.#run(options, discardKeys)
  }
}
