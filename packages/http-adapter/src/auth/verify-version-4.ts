import type { AuthSettings } from './authenticate.js'
import { acceptedScopes, checkHeadersSigned, checkScope, checkTime } from './claim-checks.js'
import { checkCredentials } from './credentials.js'
import { VerifiedPayload } from './payload.js'
import { decidePayload } from './payload-mode.js'
import { findMatch } from './signature-attempts.js'
import type { SignatureClaim } from './signature-claim.js'
import { SigningKeys, scopeText } from './signing-keys.js'
import { type Verify, viewOf } from './verification.js'

export function createVersion4(settings: AuthSettings): Verify<SignatureClaim> {
  const ofS3 = acceptedScopes(settings)
  const accepted = { s3: ofS3, sts: { ...ofS3, services: new Set(['sts']) } }
  const signingKeys = new SigningKeys()
  const now = settings.now ?? Date.now
  return async (claim, arrived) => {
    const { request, target, headers, origins } = arrived
    const { accessKeyId, scope, timestamp } = claim
    checkScope(claim, accepted[arrived.service])
    checkTime(claim, now())
    const found = await settings.credentials.findCredentials(accessKeyId)
    const credentials = checkCredentials(claim, found, now())
    const key = signingKeys.get(accessKeyId, credentials.secretAccessKey, scope)
    const signed = { method: request.method, target, headers, claim }
    const origin = findMatch(signed, origins.candidates, key)
    checkHeadersSigned(claim, headers)

    const view = viewOf(claim, arrived, settings)
    const plan = decidePayload(claim.payloadHash, view, 'version-4')
    const signing = { accessKeyId, key, timestamp, scope: scopeText(scope), seed: claim.signature }
    const payload = new VerifiedPayload(plan, request, { sha256: claim.payloadHash, signing })
    return { credentials, origin, headers: view, payload }
  }
}
