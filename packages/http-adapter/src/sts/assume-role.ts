import { isEngineError, type Principal } from '@aquifer/engine'
import { accessDenied } from '../authorization/rights.js'
import type { Call, Reply } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { arnOf, assumedRoleElement } from './caller.js'
import { credentialsElement, tokenDocument } from './token-documents.js'
import type { TokenParameters } from './token-parameters.js'

/**
 * Credentials for a while with the rights of the user who asks, or fewer.
 *
 * @see STS API Reference, AssumeRole.
 */
export async function assumeRole(call: Call, parameters: TokenParameters): Promise<Reply> {
  const { sessionName } = parameters
  const { identity, credentials } = await beginSession(call, parameters, 3_600)
  return answer(
    call,
    'AssumeRole',
    credentialsElement(credentials),
    assumedRoleElement(arnOf(identity), identity.id, sessionName),
  )
}

/**
 * The same where nobody speaks of a role.
 *
 * @see STS API Reference, GetSessionToken.
 */
export async function getSessionToken(call: Call, parameters: TokenParameters): Promise<Reply> {
  const { credentials } = await beginSession(call, parameters, 43_200)
  return answer(call, 'GetSessionToken', credentialsElement(credentials))
}

const answer = ({ requestId }: Call, action: string, ...result: readonly string[]): Reply => ({
  status: 200,
  headers: { 'cache-control': 'no-store' },
  body: tokenDocument(action, requestId, ...result),
})

async function beginSession(
  { engine, principal, rights, signal }: Call,
  { session }: TokenParameters,
  defaultSeconds: number,
) {
  if (principal.anonymous) throw new S3Error('AccessDenied', 'A session is asked for by a signed request.')
  const { identity } = principal
  if (identity?.kind !== 'user')
    throw new S3Error(
      'AccessDenied',
      'Only users have sessions: sign with the access key of one, not with that of root.',
    )
  const { durationSeconds = defaultSeconds } = session
  await rights.demand(
    'sts:AssumeRole',
    { bucket: '', key: '' },
    { known: new Map([['sts:durationseconds', String(durationSeconds)]]) },
  )
  const credentials = await engine.identities
    .assumeRole({ ...ofKey(identity), ...session, durationSeconds, signal })
    .catch((error: unknown) => {
      // User and key were there when the signature was verified.
      throw isEngineError(error, 'NoSuchEntity') ? accessDenied() : error
    })
  return { identity, credentials }
}

const ofKey = ({ name, accessKeyId }: Principal): { user: string; accessKeyId?: string } => ({
  user: name,
  ...(accessKeyId === undefined ? {} : { accessKeyId }),
})
