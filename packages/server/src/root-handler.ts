import type { OpenEngine } from '@aquifer/engine'
import {
  createS3Handler,
  type Lambdas,
  type RequestRecord,
  type S3Handler,
  type WebIdentityProvider,
} from '@aquifer/http-adapter'
import type { RootCredentials } from './credentials.js'
import { knownKeys, root } from './identity/known-keys.js'
import type { Log } from './log.js'
import type { ServeSettings } from './settings/serve-settings.js'
import { signatureSettings } from './signature-settings.js'

/** What of other servers it needs. */
interface Others {
  readonly lambdas?: Lambdas
  readonly webIdentities?: WebIdentityProvider | undefined
  readonly stopping?: AbortSignal
}

/** S3 over the engine for root and the users of the store, each request a line in the log. */
export function rootHandler(
  engine: OpenEngine,
  pair: RootCredentials,
  settings: ServeSettings,
  log: Log,
  { lambdas = new Map(), webIdentities, stopping }: Others = {},
): S3Handler {
  return createS3Handler(engine, {
    credentials: knownKeys(engine, pair),
    owner: root,
    profile: settings.profile,
    pageLimits: settings.pageLimits,
    lambdas,
    ...(webIdentities && { webIdentities }),
    ...(stopping && { stopping }),
    lambdaTimeoutMs: settings.lambdaTimeout * 1_000,
    fanOutByOwner: settings.rootFanOut,
    fanOutEntriesMax: settings.fanOutEntries,
    corsOrigins: settings.corsOrigin,
    ...signatureSettings(settings),
    explainSignatures: log.isLevelEnabled('debug'),
    log: (record) => logRequest(log, record),
  })
}

/** Neither a query nor a header is in the line: a presigned URL is a password for as long as it lasts. */
function logRequest(log: Log, record: RequestRecord): void {
  if (record.status < 500 && record.error === undefined && !log.isLevelEnabled('info')) return
  const { error, principal, ms, ...facts } = record
  const line = { ...facts, ms: Math.round(ms * 10) / 10, accessKeyId: principal?.accessKeyId }
  // 501 is an answer, not a failure: this server does not do what was asked.
  if (facts.status >= 500 && facts.status !== 501) log.error({ ...line, err: error }, 'request')
  else if (error !== undefined && facts.status < 500) log.warn({ ...line, err: error }, 'request')
  else log.info(line, 'request')
}
