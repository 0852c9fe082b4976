import debug from 'debug'
import type { AdapterRequest } from '../request.js'
import type { Authenticator, AuthSettings, Principal } from './authenticate.js'
import { acceptedScopes, checkHeadersSigned, checkScope, checkTime } from './claim-checks.js'
import { checkCredentials } from './credentials.js'
import { explainSignature } from './explain-signature.js'
import { findClaim } from './find-claim.js'
import { formatExplanation } from './format-explanation.js'
import { addHoisted, withoutFraming } from './header-view.js'
import { createFindOrigins } from './origins.js'
import { VerifiedPayload } from './payload.js'
import { decidePayload } from './payload-mode.js'
import { type HeaderMap, readHeaders } from './request-headers.js'
import { type RequestTarget, readTarget } from './request-target.js'
import { findMatch, trySignatures } from './signature-attempts.js'
import { SigningKeys, scopeText } from './signing-keys.js'

const log = debug('aquifer:auth')

/** S3's own id for callers who do not sign. */
const ANONYMOUS: Principal = {
  anonymous: true,
  ownerId: '65a011a29cdf8ec533ec3d1ccaae921c',
  displayName: 'anonymous',
}

export function createAuthenticator(settings: AuthSettings): Authenticator {
  const accepted = acceptedScopes(settings)
  const findOrigins = createFindOrigins(settings)
  const signingKeys = new SigningKeys()
  const now = settings.now ?? Date.now

  const readHoisted = (headers: HeaderMap, { parameters }: RequestTarget): HeaderMap => {
    const hoisted = addHoisted(headers, parameters, settings.queryChecksums ?? 'ignore')
    if (hoisted.ignored.length > 0)
      log('checksums in a presigned query are ignored, as AWS does: %s', hoisted.ignored.join(', '))
    return hoisted.headers
  }

  const explained = async <T>(request: AdapterRequest, verify: () => T): Promise<T> => {
    try {
      return verify()
    } catch (error) {
      if (log.enabled) log('%s', formatExplanation(await explainSignature(request, settings)))
      throw error
    }
  }

  return async (request) => {
    const target = readTarget(request.rawUrl)
    const headers = readHeaders(request.rawHeaders)
    const origins = findOrigins(request, headers)
    const claim = findClaim(target, headers)
    if (claim === undefined) {
      const plan = decidePayload(headers.get('x-amz-content-sha256'), headers, false)
      return {
        principal: ANONYMOUS,
        form: 'anonymous',
        host: origins.candidates[0].host,
        secure: origins.secure,
        headers: withoutFraming(headers),
        payload: new VerifiedPayload(plan, request.body, {}),
      }
    }

    checkScope(claim, accepted)
    checkTime(claim, now())
    const credentials = checkCredentials(
      claim,
      await settings.credentials.findCredentials(claim.accessKeyId),
      now(),
    )
    const key = signingKeys.get(claim.accessKeyId, credentials.secretAccessKey, claim.scope)
    const attempts = trySignatures(
      { method: request.method, target, headers, claim },
      origins.candidates,
      key,
    )
    const { origin } = await explained(request, () => findMatch(attempts, claim))
    checkHeadersSigned(claim, headers)

    const view = claim.form === 'query' ? readHoisted(headers, target) : headers
    const plan = decidePayload(claim.payloadHash, view, true)
    return {
      principal: {
        anonymous: false,
        accessKeyId: claim.accessKeyId,
        ownerId: credentials.ownerId,
        displayName: credentials.displayName,
      },
      form: claim.form,
      host: origin.host,
      secure: origins.secure,
      headers: withoutFraming(view),
      payload: new VerifiedPayload(plan, request.body, {
        sha256: claim.payloadHash,
        signing: {
          accessKeyId: claim.accessKeyId,
          key,
          timestamp: claim.timestamp,
          scope: scopeText(claim.scope),
          seed: claim.signature,
        },
      }),
    }
  }
}
