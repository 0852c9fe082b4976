import type { Principal } from './auth/authenticate.js'
import type { LambdaSettings } from './lambda/lambda.js'
import type { WebIdentityProvider } from './sts/web-identity.js'
import type { Profile } from './surface.js'

/** What is known of a request once it is answered. */
export interface RequestRecord {
  readonly requestId: string
  readonly method: string
  /** Absent when the request was refused before it was recognised. */
  readonly operation?: string
  readonly bucket: string
  readonly key: string
  readonly status: number
  /** The error document's code. */
  readonly code?: string
  /** Of the body sent. Fewer than promised when the client left or the stored bytes were damaged. */
  readonly bytes: number
  readonly ms: number
  readonly principal?: Principal
  readonly remoteAddress?: string
  /** Why its signature does not match, in lines of text, when {@link S3HandlerOptions.explainSignatures} is set. */
  readonly explanation?: string
  /** What went wrong inside, which the client is not told. */
  readonly error?: unknown
}

/** Options with their defaults filled in. */
export interface Settings {
  readonly profile: Profile
  readonly pageLimits: 'keep' | 'lift'
  readonly region: string
  readonly domains: readonly string[]
  readonly basePath: string
  readonly corsOrigins: readonly string[]
  /** Wall clock in milliseconds since 1970. */
  readonly now: () => number
  /** Whom objects and buckets belong to that were stored without an owner. */
  readonly owner: { readonly id: string; readonly displayName: string }
  readonly lambda: LambdaSettings
  readonly webIdentities: WebIdentityProvider | undefined
  readonly fanOut: { readonly byOwner: boolean }
}
