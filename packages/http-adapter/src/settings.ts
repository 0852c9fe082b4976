import type { LambdaSettings } from './lambda/lambda.js'
import type { S3HandlerOptions } from './options.js'
import type { Profile } from './profile.js'
import type { WebIdentityProvider } from './sts/web-identity.js'

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
  readonly stopping: AbortSignal | undefined
  readonly fanOut: { readonly byOwner: boolean }
}

export function settingsOf(options: S3HandlerOptions): Settings {
  const now = options.now ?? Date.now
  return {
    profile: options.profile ?? 'aistor',
    pageLimits: options.pageLimits ?? 'lift',
    region: options.region ?? 'us-east-1',
    domains: (options.domains ?? []).map((domain) => domain.toLowerCase()),
    basePath: (options.basePath ?? '').replace(/\/+$/, ''),
    corsOrigins: options.corsOrigins ?? [],
    now,
    owner: options.owner ?? { id: 'aquifer', displayName: 'aquifer' },
    stopping: options.stopping,
    fanOut: { byOwner: options.fanOutByOwner ?? false },
    webIdentities: options.webIdentities,
    lambda: {
      functions: options.lambdas ?? new Map(),
      timeoutMs: options.lambdaTimeoutMs ?? 60_000,
      now,
      credentials: options.credentials,
    },
  }
}
