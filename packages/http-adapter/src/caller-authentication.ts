import type { Authenticated, Authenticator, AuthSettings } from './auth/authenticate.js'
import { withoutFraming } from './auth/header-view.js'
import { createFindOrigins, type OriginSettings } from './auth/origins.js'
import { VerifiedPayload } from './auth/payload.js'
import { decidePayload } from './auth/payload-mode.js'
import type { Principal } from './auth/principal.js'
import { readHeaders } from './auth/request-headers.js'
import { version2Naming } from './auth/verify-version-2.js'
import { receiveForm } from './forms/receive-form.js'
import { limits } from './limits.js'
import type { AdapterRequest } from './request.js'

/** Everything of authentication but the question who asks: for callers who know that themselves. */
export function authenticateBy(
  identify: (request: AdapterRequest) => Principal | Promise<Principal>,
  settings: OriginSettings & Pick<AuthSettings, 'domains' | 'fanOutEntriesMax' | 'now'>,
): Authenticator {
  const findOrigins = createFindOrigins(settings)
  const form = {
    address: version2Naming(settings),
    now: settings.now ?? Date.now,
    fanOutEntriesMax: settings.fanOutEntriesMax ?? limits.fanOutEntriesDefault,
  }
  return async (request) => {
    const principal = await identify(request)
    const headers = readHeaders(request.rawHeaders)
    const { candidates, secure } = findOrigins(request, headers)
    const plan = decidePayload(headers.get('x-amz-content-sha256'), headers, 'nobody')
    const authenticated: Authenticated = {
      principal,
      form: principal.anonymous ? 'anonymous' : 'header',
      host: candidates[0].host,
      secure,
      headers: withoutFraming(headers),
      payload: new VerifiedPayload(plan, request, {}),
    }
    return receiveForm(request, authenticated, form)
  }
}
