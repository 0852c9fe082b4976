import type { Engine } from '@aquifer/engine'
import { createS3Handler, type RequestRecord, type S3Handler } from '@aquifer/http-adapter'
import type { RootCredentials } from './credentials.js'
import type { Log } from './log.js'
import type { ServeSettings } from './settings/serve-settings.js'
import { signatureSettings } from './signature-settings.js'

/** The root user's canonical id: the same in every store, so that a directory may move between machines. */
const root = {
  id: '5c0e9b0b5d3f5f1d7c7b2b6d2f0e8a4c9d1e3f5a7b9c0d2e4f6a8b0c1d3e5f70',
  displayName: 'root',
}

/** S3 over the engine for the root user alone, each request a line in the log. */
export function rootHandler(
  engine: Engine,
  { accessKeyId, secretAccessKey }: RootCredentials,
  settings: ServeSettings,
  log: Log,
): S3Handler {
  const credentials = { secretAccessKey, ownerId: root.id, displayName: root.displayName }
  return createS3Handler(engine, {
    credentials: { findCredentials: (asked) => (asked === accessKeyId ? credentials : undefined) },
    owner: root,
    profile: settings.profile,
    pageLimits: settings.pageLimits,
    corsOrigins: settings.corsOrigin,
    ...signatureSettings(settings),
    explainSignatures: log.isLevelEnabled('debug'),
    log: (record) => logRequest(log, record),
  })
}

/** Neither a query nor a header is in the line: a presigned URL is a password for as long as it lasts. */
function logRequest(log: Log, { error, principal, ms, ...facts }: RequestRecord): void {
  const line = { ...facts, ms: Math.round(ms * 10) / 10, accessKeyId: principal?.accessKeyId }
  // 501 is an answer, not a failure: this server does not do what was asked.
  if (facts.status >= 500 && facts.status !== 501) log.error({ ...line, err: error }, 'request')
  else if (error !== undefined && facts.status < 500) log.warn({ ...line, err: error }, 'request')
  else log.info(line, 'request')
}
