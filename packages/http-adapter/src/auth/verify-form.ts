import type { AuthSettings } from './authenticate.js'
import { acceptedScopes, checkNotYet, checkScope } from './claim-checks.js'
import { type Credentials, checkCredentials } from './credentials.js'
import type { FailedAttempts } from './failed-attempts.js'
import { type FormClaim, findFormClaim } from './form-claim.js'
import { sameSignature, signatureMismatch } from './signature.js'
import { SigningKeys, sign } from './signing-keys.js'
import { signVersion2 } from './verify-version-2.js'

export interface FormSigner {
  readonly accessKeyId: string
  readonly credentials: Credentials
}

/**
 * Who signed a form, by its fields; `undefined`: nobody did. For how long the signature holds is for the policy to say.
 *
 * @param address Where it comes from.
 * @throws {@link S3Error} what the form is refused with.
 */
export type VerifyForm = (
  fields: ReadonlyMap<string, string>,
  address: () => string | undefined,
) => Promise<FormSigner | undefined>

export function createVerifyForm(settings: AuthSettings, failedAttempts: FailedAttempts): VerifyForm {
  const accepted = acceptedScopes(settings)
  const signingKeys = new SigningKeys()
  const now = settings.now ?? Date.now

  const signatureOf = (claim: FormClaim, { secretAccessKey }: Credentials): string =>
    claim.version === 4
      ? sign(signingKeys.get(claim.accessKeyId, secretAccessKey, claim.scope), claim.policy)
      : signVersion2(secretAccessKey, claim.policy)

  const verify = async (claim: FormClaim): Promise<FormSigner> => {
    if (claim.version === 4) {
      checkScope({ form: 'post', scope: claim.scope }, accepted)
      checkNotYet(claim, now())
    }
    const found = await settings.credentials.findCredentials(claim.accessKeyId)
    const credentials = checkCredentials(claim, found, now())
    if (!sameSignature(signatureOf(claim, credentials), claim.signature))
      throw signatureMismatch(claim.accessKeyId, claim.policy, claim.signature)
    return { accessKeyId: claim.accessKeyId, credentials }
  }
  return async (fields, address) => {
    const claim = findFormClaim(fields, settings.signatureV2)
    return claim && failedAttempts.watch(claim.accessKeyId, address, () => verify(claim))
  }
}
