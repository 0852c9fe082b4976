import type { Statement } from '../rules/policy/statement.js'

/**
 * What a policy is for, which decides what it may say: `identity` ones belong to users and groups, `bucket` ones to a
 * bucket and name principals, `session` ones narrow temporary credentials.
 */
export type PolicyKind = 'identity' | 'bucket' | 'session'

/** Who asks. The condition keys that speak of it, such as `aws:username`, are derived from it. */
export type PolicyPrincipal =
  | { readonly type: 'anonymous' }
  | {
      /** Exempt from identity policies. Service keys and sessions of root's are held by their own policies. */
      readonly type: 'root'
      readonly userId: string
      readonly userName: string
      readonly accessKeyId: string
    }
  | {
      readonly type: 'user'
      /** Never changes; owns what the user makes. */
      readonly userId: string
      readonly userName: string
      /** The key that the request was signed with. */
      readonly accessKeyId: string
      readonly groups: readonly string[]
      /**
       * `AssumedRole`: by temporary credentials of a user's. `FederatedUser`: by those of somebody whom another provider
       * vouches for, whose name is no user's name, even if it reads the same.
       */
      readonly principalType: 'User' | 'AssumedRole' | 'FederatedUser'
    }

/** One question: may this principal do this action to this resource, in these circumstances? */
export interface PolicyRequest {
  readonly principal: PolicyPrincipal
  /** Such as `s3:GetObject`; its case does not matter. */
  readonly action: string
  /**
   * `arn:aws:s3:::bucket` for what is done to a bucket, `arn:aws:s3:::bucket/key` for what is done to an object, and
   * `arn:aws:s3:::*` for what is done to neither, such as `s3:ListAllMyBuckets` and all of `admin:`.
   */
  readonly resource: string
  /**
   * What is known of the request. What speaks of the principal is taken from there, whatever stands here.
   */
  readonly context: PolicyContext
}

/** What policies may ask of a request, by condition key as {@link contextKey} spells it. A map of them is one. */
export interface PolicyContext {
  /** A key without values is as good as absent. */
  get(key: string): readonly string[] | undefined
  /**
   * Finds out what cannot be known at once. Called before anything is decided, with every key that one of the policies
   * asks for, and only where they ask for any.
   */
  prepare?(keys: ReadonlySet<string>): void | Promise<void>
}

/** A policy that was read and found good; made by {@link parsePolicy} alone. It does not change. */
export interface Policy {
  /** By `2008-10-17`, which is also what a policy without a version has, `${…}` stands for itself. */
  readonly version: '2008-10-17' | '2012-10-17'
  readonly id?: string
  readonly statements: readonly Statement[]
  /**
   * Every condition key the policy asks for, in conditions or variables, as {@link contextKey} spells it: what is
   * costly to find out, such as an object's tags, needs finding out only for policies that ask.
   */
  readonly contextKeys: ReadonlySet<string>
}

export interface NamedPolicy {
  readonly name: string
  readonly policy: Policy
}

/** What a request is decided by. */
export interface ApplicablePolicies {
  /** Of the user and of its groups. */
  readonly identity: readonly NamedPolicy[]
  /** A service key's policies, a session's: each of the sets must allow what is asked, and one without policies allows nothing. */
  readonly boundaries: readonly (readonly NamedPolicy[])[]
  /** Of the bucket that is asked for. */
  readonly bucket?: Policy
}

export interface Decision {
  readonly allowed: boolean
  /** `root`: no policy is needed. `implicit-deny`: no statement allows it. */
  readonly reason: 'root' | 'allow' | 'explicit-deny' | 'implicit-deny'
  /** The statement that allows or denies. */
  readonly by?: DecidingStatement
  /** The names of the policies that would have to allow it and do not, where it is a boundary that holds it back. */
  readonly boundary?: readonly string[]
}

export interface DecidingStatement {
  /** A policy's name; `bucket policy` for the bucket's. */
  readonly policy: string
  /** From 0. */
  readonly statement: number
  readonly sid?: string
}
