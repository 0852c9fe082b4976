import { isEngineError } from '@aquifer/engine'
import { limits } from '../limits.js'
import type { Call, Reply } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { text } from '../wire/xml-out.js'
import { arnOf, assumedRoleElement } from './caller.js'
import { credentialsElement, tokenDocument } from './token-documents.js'
import { invalidParameter, type TokenParameters } from './token-parameters.js'
import type { WebIdentity } from './web-identity.js'

/** Two names for one thing: AIStor's older one calls its parameters and errors otherwise. */
const NAMES = {
  AssumeRoleWithWebIdentity: {
    token: 'WebIdentityToken',
    subject: 'SubjectFromWebIdentityToken',
    invalid: 'InvalidIdentityToken',
  },
  AssumeRoleWithClientGrants: {
    token: 'Token',
    subject: 'SubjectFromToken',
    invalid: 'InvalidClientGrantsToken',
  },
} as const

/**
 * Credentials for a while for whoever shows a token of the provider that is configured. Nobody signs such a request: the
 * token says who asks, and the policies named in it are all that the session may do.
 *
 * @see STS API Reference, AssumeRoleWithWebIdentity.
 */
export async function assumeRoleWithWebIdentity(
  call: Call,
  parameters: TokenParameters,
  action: keyof typeof NAMES,
): Promise<Reply> {
  const { engine, requestId, signal } = call
  const names = NAMES[action]
  const token = parameters.require(names.token)
  const { session, sessionName } = parameters
  const { issuer, subject, audience, policies } = await verify(call, token, names.invalid)
  if (policies.length === 0) throw invalidParameter('The token names no policy: it would allow nothing.')
  const credentials = await engine.identities
    .assumeRole({ webIdentity: { issuer, subject, policies }, ...session, signal })
    .catch((error: unknown) => {
      // What else is not there than a policy? The session is of nobody in the store.
      throw isEngineError(error, 'NoSuchEntity')
        ? invalidParameter('The token names a policy that is not there.')
        : error
    })
  const arn = arnOf({ kind: 'federated', name: credentials.user })
  return {
    status: 200,
    headers: { 'cache-control': 'no-store' },
    body: tokenDocument(
      action,
      requestId,
      credentialsElement(credentials),
      text(names.subject, subject),
      text('Audience', audience),
      text('Provider', issuer),
      assumedRoleElement(arn, credentials.userId, sessionName),
    ),
  }
}

async function verify(
  { settings, signal }: Call,
  token: string,
  invalid: 'InvalidIdentityToken' | 'InvalidClientGrantsToken',
): Promise<WebIdentity> {
  const { webIdentities } = settings
  if (webIdentities === undefined) throw new S3Error(invalid, 'No provider of identities is configured here.')
  if (token.length > limits.webIdentityTokenMaxChars)
    throw new S3Error(invalid, `A token has up to ${limits.webIdentityTokenMaxChars} characters.`)
  try {
    return await webIdentities.verify(token, { signal })
  } catch (error) {
    throw error instanceof S3Error && error.code === 'InvalidIdentityToken'
      ? new S3Error(invalid, error.message, {}, {}, { cause: error })
      : error
  }
}
