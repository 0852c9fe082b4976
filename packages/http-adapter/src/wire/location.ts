import { findHostBucket } from '../address.js'
import type { Call } from '../operation.js'
import { encodePercent } from './percent.js'

/** The URL of the object that was written, the way its writer addressed it. */
export function locationOf({ secure, host, target, settings }: Call): string {
  const isNamedByHost = findHostBucket(host, settings.domains) !== undefined
  const bucket = isNamedByHost ? '' : `/${target.bucket}`
  return `${secure ? 'https' : 'http'}://${host}${settings.basePath}${bucket}/${encodePercent(target.key)}`
}
