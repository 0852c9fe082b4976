import debug from 'debug'
import type { AdapterRequest } from '../request.js'
import type { AuthSettings } from './authenticate.js'
import type { Credentials } from './credentials.js'
import { addHoisted } from './header-view.js'
import type { Origin, Origins } from './origins.js'
import type { VerifiedPayload } from './payload.js'
import type { HeaderMap } from './request-headers.js'
import type { RequestTarget } from './request-target.js'

/** A request taken apart, as every version of signatures needs it. */
export interface Arrived {
  readonly request: AdapterRequest
  readonly target: RequestTarget
  readonly headers: HeaderMap
  readonly origins: Origins
  /** What the signature must be for. */
  readonly service: 's3' | 'sts'
}

/** What a good signature has established. */
export interface Verified {
  readonly credentials: Credentials
  /** The origin that the signature is over. */
  readonly origin: Origin
  readonly headers: HeaderMap
  readonly payload: VerifiedPayload
  readonly unsignedParameters?: ReadonlySet<string>
}

/** @throws {@link S3Error} what the request is refused with. */
export type Verify<Claim> = (claim: Claim, arrived: Arrived) => Promise<Verified>

const log = debug('aquifer:auth')

/** The headers as operations read them, with those that a presigned URL carries in its query. */
export function viewOf(
  { form, version }: { form: 'header' | 'query'; version: 2 | 4 },
  { headers, target }: Arrived,
  { queryChecksums = 'ignore' }: AuthSettings,
): HeaderMap {
  if (form === 'header') return headers
  const hoisted = addHoisted(headers, target.parameters, queryChecksums, version)
  if (hoisted.ignored.length > 0)
    log('checksums in a presigned query are ignored, as AWS does: %s', hoisted.ignored.join(', '))
  return hoisted.headers
}
