import debug from 'debug'
import { receiveForm } from '../forms/receive-form.js'
import { limits } from '../limits.js'
import type { AdapterRequest } from '../request.js'
import { S3Error } from '../s3-error.js'
import { findTokenClaim, isTokenRequest, takeTokenRequest } from '../sts/token-request.js'
import type { Authenticated, Authenticator, AuthSettings } from './authenticate.js'
import { ALGORITHM } from './canonical-request.js'
import { createFindClientAddress } from './client-address.js'
import { principalOf } from './credentials.js'
import { explainSignature } from './explain-signature.js'
import { FailedAttempts } from './failed-attempts.js'
import { findClaim } from './find-claim.js'
import { formatExplanation } from './format-explanation.js'
import { withoutFraming } from './header-view.js'
import { createFindOrigins } from './origins.js'
import { VerifiedPayload } from './payload.js'
import { decidePayload } from './payload-mode.js'
import type { Principal } from './principal.js'
import { type HeaderMap, readHeaders } from './request-headers.js'
import { readTarget } from './request-target.js'
import type { SignatureClaim } from './signature-claim.js'
import type { Arrived, Verified } from './verification.js'
import { createVerifyForm } from './verify-form.js'
import { createVersion2, version2Naming } from './verify-version-2.js'
import { createVersion4 } from './verify-version-4.js'
import type { Version2Claim } from './version-2-claim.js'

const log = debug('aquifer:auth')

/** S3's own id for callers who do not sign. */
const ANONYMOUS: Principal = {
  anonymous: true,
  ownerId: '65a011a29cdf8ec533ec3d1ccaae921c',
  displayName: 'anonymous',
}

function signatureOf(claim: SignatureClaim | Version2Claim): NonNullable<Authenticated['signature']> {
  const version = claim.version === 4 ? ALGORITHM : 'AWS'
  if (claim.version === 4) return { version, signedAt: claim.time, service: claim.scope.service }
  return 'time' in claim ? { version, signedAt: claim.time } : { version }
}

export function createAuthenticator(settings: AuthSettings): Authenticator {
  const findOrigins = createFindOrigins(settings)
  const verifyVersion2 = createVersion2(settings)
  const verifyVersion4 = createVersion4(settings)

  const findAddress = createFindClientAddress(settings.trustedProxies)
  const failedAttempts = new FailedAttempts(settings.now)
  const verifyForm = createVerifyForm(settings, failedAttempts)
  const form = {
    address: version2Naming(settings),
    now: settings.now ?? Date.now,
    fanOutEntriesMax: settings.fanOutEntriesMax ?? limits.fanOutEntriesDefault,
    verify: (fields: HeaderMap, request: AdapterRequest) =>
      verifyForm(fields, () => findAddress(request, readHeaders(request.rawHeaders))),
  }

  const verify = async (claim: SignatureClaim | Version2Claim, arrived: Arrived): Promise<Verified> => {
    try {
      return await failedAttempts.watch(
        claim.accessKeyId,
        () => findAddress(arrived.request, arrived.headers),
        () => (claim.version === 2 ? verifyVersion2(claim, arrived) : verifyVersion4(claim, arrived)),
      )
    } catch (error) {
      if (log.enabled && error instanceof S3Error && error.code === 'SignatureDoesNotMatch')
        log('%s', formatExplanation(await explainSignature(arrived.request, settings)))
      throw error
    }
  }

  const authenticate = async (arriving: AdapterRequest): Promise<Authenticated> => {
    const target = readTarget(arriving.rawUrl)
    const headers = readHeaders(arriving.rawHeaders)
    const origins = findOrigins(arriving, headers)
    const isForTokens = isTokenRequest(arriving, origins.candidates[0].host, form.address)
    const { request, sha256 } = isForTokens ? await takeTokenRequest(arriving) : { request: arriving }
    const claim =
      sha256 === undefined ? findClaim(target, headers, settings) : findTokenClaim(target, headers, sha256)
    if (claim === undefined) {
      const plan = decidePayload(headers.get('x-amz-content-sha256'), headers, 'nobody')
      return {
        principal: ANONYMOUS,
        form: 'anonymous',
        host: origins.candidates[0].host,
        secure: origins.secure,
        headers: withoutFraming(headers),
        payload: new VerifiedPayload(plan, request, {}),
      }
    }

    const verified = await verify(claim, {
      request,
      target,
      headers,
      origins,
      service: isForTokens ? 'sts' : 's3',
    })
    // Where a proxy says other hosts, the one that was signed for decides; a signature for one service opens no other.
    if (isTokenRequest(arriving, verified.origin.host, form.address) !== isForTokens)
      throw new S3Error('AccessDenied', 'The request is signed for another host than it is made to.')
    return {
      principal: principalOf(claim.accessKeyId, verified.credentials),
      form: claim.form,
      signature: signatureOf(claim),
      host: verified.origin.host,
      secure: origins.secure,
      headers: withoutFraming(verified.headers),
      payload: verified.payload,
      ...(verified.unsignedParameters === undefined
        ? {}
        : { unsignedParameters: verified.unsignedParameters }),
    }
  }
  return async (request) => {
    const authenticated = await authenticate(request)
    return request.method === 'POST' ? receiveForm(request, authenticated, form) : authenticated
  }
}
