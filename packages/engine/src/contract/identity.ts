import type { Listing, ListOptions } from './listing.js'
import type { Cancel } from './source.js'
import type { Finding } from './store.js'

/**
 * Who asks. What it may do is never read from here: {@link Engine.can} looks up what the store says of it.
 *
 * `anonymous`: nobody has signed; only bucket policies allow it anything. `root`: the owner of the whole store, known to
 * the front end alone; everything is allowed to it, but not to its sessions, which have a `keyKind`. `user`: one of the store's. `federated`: somebody whom another
 * provider of identities vouches for, for as long as a temporary credential lasts.
 */
export interface Principal {
  readonly kind: 'anonymous' | 'root' | 'user' | 'federated'
  /** The canonical id that what it stores is owned by: 64 hexadecimal digits. It never changes and is never given again. */
  readonly id: string
  /** The user's name, or what the other provider calls it. */
  readonly name: string
  readonly displayName: string
  /** The key that was signed with. Absent: the user itself is meant, with all that it may do. */
  readonly accessKeyId?: string
  /** See {@link AccessKeyInfo.kind}. */
  readonly keyKind?: AccessKeyKind
}

/**
 * `user`: it may do all that its user may. `service`: no more than its user may, and only what the key's own policy
 * allows too. `temporary`: with a session token and an end, and perhaps a policy that narrows it as well.
 */
export type AccessKeyKind = 'user' | 'service' | 'temporary'

export interface UserInfo {
  readonly name: string
  readonly id: string
  readonly displayName: string
  readonly enabled: boolean
  readonly created: Date
  /** Names of the policies attached to the user itself, in order. */
  readonly policies: readonly string[]
  /** Names of the groups it is a member of, in order. */
  readonly groups: readonly string[]
}

export interface AccessKeyInfo {
  readonly accessKeyId: string
  readonly kind: AccessKeyKind
  /** The user it belongs to, or the name of whom another provider vouched for. */
  readonly user: string
  readonly userId: string
  readonly enabled: boolean
  readonly created: Date
  /** From then on it is refused. A temporary one is removed then. */
  readonly expiresAt?: Date
  readonly description?: string
  /** The policy that narrows it, JSON as it was given. Lists leave it out. */
  readonly policy?: string
}

/** A key with its secret, which is told this once and never again. */
export interface NewAccessKey extends AccessKeyInfo {
  readonly secretAccessKey: string
}

export interface TemporaryCredentials extends NewAccessKey {
  readonly sessionToken: string
  readonly expiresAt: Date
}

export interface GroupInfo {
  readonly name: string
  readonly created: Date
  readonly policies: readonly string[]
  readonly memberCount: number
}

export interface PolicyInfo {
  readonly name: string
  /** `readonly`, `readwrite`, `writeonly` and `admin` are there in every store; they cannot be changed or removed. */
  readonly isBuiltIn: boolean
  /** Absent for one that is built in. */
  readonly created?: Date
  /** When the document was last replaced. */
  readonly updated?: Date
  /** To how many users and groups it is attached. Absent for one that is built in. */
  readonly attachmentCount?: number
}

export interface PolicyWithDocument extends PolicyInfo {
  /** JSON, as it was given. */
  readonly document: string
}

export interface AddUserOptions extends Cancel {
  /** Up to 256 characters. @defaultValue the name */
  displayName?: string
  /** Names of policies to attach. */
  policies?: readonly string[]
  /** A key that comes into being with the user, or not at all. @defaultValue none */
  accessKey?: AddAccessKeyOptions
}

export interface AddAccessKeyOptions {
  /** 3 to 128 letters, digits, dots, hyphens or underscores, used by no other key. @defaultValue a random one */
  accessKeyId?: string
  /** 8 to 128 printable ASCII characters without spaces. @defaultValue 40 random ones */
  secretAccessKey?: string
  /** Makes it a service key: it may do only what this allows too. JSON. */
  policy?: string
  /** @defaultValue it does not expire */
  expiresAt?: Date
  /** Up to 256 characters. */
  description?: string
}

/** Whom a policy is attached to. */
export type PolicyHolder = { readonly user: string } | { readonly group: string }

/** All methods reject with `NoSuchEntity` where what they are about is not there. */
export interface Users {
  /** @throws {@link EngineError} `EntityAlreadyExists`, `InvalidArgument`, `NoSuchEntity` for a policy, `SealingKeyMissing` */
  add(
    name: string,
    options?: AddUserOptions,
  ): Promise<{ readonly user: UserInfo; readonly accessKey?: NewAccessKey }>
  get(name: string, options?: Cancel): Promise<UserInfo>
  /** In the order of their names. */
  list(options?: ListOptions): Listing<UserInfo, 'user'>
  /** Its keys and sessions end at once; what it owns stays as it is. */
  remove(name: string, options?: Cancel): Promise<void>
  /** The keys and sessions of one that is not enabled are refused, and work again when it is. */
  setEnabled(name: string, enabled: boolean, options?: Cancel): Promise<UserInfo>
}

export interface AccessKeys {
  /**
   * @throws {@link EngineError} `EntityAlreadyExists`, `InvalidArgument`, `MalformedPolicy`, `LimitExceeded`,
   * `SealingKeyMissing`.
   */
  add(user: string, options?: AddAccessKeyOptions & Cancel): Promise<NewAccessKey>
  get(accessKeyId: string, options?: Cancel): Promise<AccessKeyInfo>
  /** In the order of their ids; `user`: those of one user. */
  list(options?: ListOptions & { user?: string }): Listing<AccessKeyInfo, 'access-key'>
  /** The sessions that were begun with it end as well. */
  remove(accessKeyId: string, options?: Cancel): Promise<void>
  /** A session that was begun with it is refused as long as it is not enabled. */
  setEnabled(accessKeyId: string, enabled: boolean, options?: Cancel): Promise<AccessKeyInfo>
  /**
   * Gives it another secret. The former one is refused when the promise resolves, and so are the sessions that were
   * begun with it. To change a secret without a gap, add a second key and remove the first when it is used no more.
   */
  rotate(accessKeyId: string, options?: { secretAccessKey?: string } & Cancel): Promise<NewAccessKey>
}

export interface Groups {
  /** @throws {@link EngineError} `EntityAlreadyExists`, `InvalidArgument` */
  add(name: string, options?: Cancel): Promise<GroupInfo>
  get(name: string, options?: Cancel): Promise<GroupInfo>
  list(options?: ListOptions): Listing<GroupInfo, 'group'>
  /** @throws {@link EngineError} `DeleteConflict` while it has members */
  remove(name: string, options?: Cancel): Promise<void>
  /** Adding a member again changes nothing. @throws {@link EngineError} `LimitExceeded` */
  addMember(group: string, user: string, options?: Cancel): Promise<void>
  /** Of one that is none, it changes nothing. */
  removeMember(group: string, user: string, options?: Cancel): Promise<void>
  /** Names of users, in order. */
  members(group: string, options?: ListOptions): Listing<string, 'user'>
}

export interface Policies {
  /** @throws {@link EngineError} `EntityAlreadyExists`, `MalformedPolicy`, `InvalidArgument` */
  add(name: string, document: string, options?: Cancel): Promise<PolicyWithDocument>
  /** Another document for a policy that is there. It holds for whoever it is attached to when the promise resolves. */
  replace(name: string, document: string, options?: Cancel): Promise<PolicyWithDocument>
  get(name: string, options?: Cancel): Promise<PolicyWithDocument>
  /** The built-in ones are among them. */
  list(options?: ListOptions): Listing<PolicyInfo, 'policy'>
  /** @throws {@link EngineError} `DeleteConflict` while it is attached to somebody, or if it is built in */
  remove(name: string, options?: Cancel): Promise<void>
}

/**
 * Whose rights a session begins with: a user of this store, or somebody whom another provider vouches for.
 *
 * `accessKeyId`: the user's key that the session was asked for with: it ends with the key. A service key or another
 * session cannot begin one: `AccessDenied`.
 */
export type SessionOf =
  | { readonly user: string; readonly accessKeyId?: string }
  | {
      readonly webIdentity: {
        readonly issuer: string
        readonly subject: string
        /** Names of policies, by which alone it may do anything. */
        readonly policies: readonly string[]
      }
    }

export type AssumeRoleOptions = SessionOf &
  Cancel & {
    /** 900 to 31,536,000. @defaultValue 3600 */
    durationSeconds?: number
    /** Narrows the session: it may do only what this allows too. JSON. */
    policy?: string
  }

export interface CreateSessionOptions extends Cancel {
  readonly bucket: string
  /**
   * `'read-only'`: it reads and lists objects, and writes nothing. `'read-write'`: it does with its bucket whatever who
   * asked may do. @defaultValue 'read-write'
   */
  readonly mode?: 'read-only' | 'read-write'
  /** Whether there need not be such a bucket: it may be created in the session. @defaultValue false */
  readonly isToBeMade?: boolean
}

/** What signatures are verified with. */
export interface FoundAccessKey {
  readonly secretAccessKey: string
  /** Of a temporary key: a request must carry exactly this. */
  readonly sessionToken?: string
  readonly expiresAt?: Date
  readonly principal: Principal
}

/**
 * Who may use the store: users, their keys, groups, and named policies attached to either. Every change is one durable
 * commit; none of two that race is lost; it holds for every request that is looked at after the promise resolves.
 * Nothing is allowed to anybody unless a policy says so.
 */
export interface Identities {
  readonly users: Users
  readonly keys: AccessKeys
  readonly groups: Groups
  readonly policies: Policies
  /** Attaching again changes nothing. @throws {@link EngineError} `NoSuchEntity`, `LimitExceeded` */
  attach(policy: string, to: PolicyHolder, options?: Cancel): Promise<void>
  /** Of one that is not attached, it changes nothing. */
  detach(policy: string, from: PolicyHolder, options?: Cancel): Promise<void>
  /**
   * Credentials for a while, with no more rights than their user has at each moment.
   *
   * @throws {@link EngineError} `NoSuchEntity`, `AccessDenied`, `MalformedPolicy`, `InvalidArgument`, `LimitExceeded`,
   * `SealingKeyMissing`.
   */
  assumeRole(options: AssumeRoleOptions): Promise<TemporaryCredentials>
  /**
   * Credentials for five minutes that are good for one bucket and its objects, and nothing else: never for more than
   * who asked may do at each moment. They end with the key that they were asked for with. Whether who asks may begin
   * a session (`s3express:CreateSession`) is for {@link Engine.can} to say, before.
   *
   * @param of Root too. A session of a bucket begins no other: `AccessDenied`, and so for who is anonymous.
   * @throws {@link EngineError} `NoSuchBucket`, `NoSuchEntity`, `AccessDenied`, `LimitExceeded`, `SealingKeyMissing`.
   * @see S3 API Reference, CreateSession.
   */
  createSession(of: Principal, options: CreateSessionOptions): Promise<TemporaryCredentials>
  /**
   * The key as a front end needs it to verify a signature; undefined where there is none, or it or its user is not
   * enabled. Cheap: what was found is remembered until something changes.
   *
   * @throws {@link EngineError} `SealingKeyMissing`
   */
  findAccessKey(accessKeyId: string): Promise<FoundAccessKey | undefined>
  /** The display name of the owner of something, as listings show it; undefined where no user has the id any more. */
  findDisplayName(id: string): Promise<string | undefined>
  /**
   * A name that no user and no key may be given until the engine is closed, such as the front end's own root key, which
   * the engine does not know.
   */
  reserve(name: string): void
  /**
   * Seals all secrets under another key. Durable when it resolves: from then on the store opens with the new key alone.
   *
   * @param sealingKey 32 bytes.
   * @returns The rows that are damaged, whose secrets could not be: they stay as they are, and what opens them is kept, sealed under the
   * other key as well, until each is mended or gone.
   * @throws {@link EngineError} `SealingKeyMissing`; `StorageUnavailable`, after which either key may be the one.
   */
  reseal(sealingKey: Uint8Array, options?: Cancel): Promise<Finding[]>
  /**
   * Removes every access key and all sessions, where the sealing key is lost: nobody can use them any more. Users, groups
   * and policies stay. For an engine that was opened without a sealing key; the next one may be opened with a new key.
   *
   * @returns How many there were.
   * @throws {@link EngineError} `InvalidRequest` where the engine has the sealing key
   */
  discardKeys(options?: Cancel): Promise<number>
}
