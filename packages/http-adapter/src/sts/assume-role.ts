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
  const { engine, principal, requestId, rights, signal } = call
  if (principal.anonymous) throw new S3Error('AccessDenied', 'AssumeRole is signed by somebody.')
  const { identity } = principal
  if (identity?.kind !== 'user')
    throw new S3Error(
      'AccessDenied',
      'Only users have sessions: sign with the access key of one, not with that of root.',
    )
  const { session, sessionName } = parameters
  const { durationSeconds = 3_600 } = session
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
  return {
    status: 200,
    body: tokenDocument(
      'AssumeRole',
      requestId,
      credentialsElement(credentials),
      assumedRoleElement(arnOf(identity), identity.id, sessionName),
    ),
    headers: { 'cache-control': 'no-store' },
  }
}

const ofKey = ({ name, accessKeyId }: Principal): { user: string; accessKeyId?: string } => ({
  user: name,
  ...(accessKeyId === undefined ? {} : { accessKeyId }),
})
