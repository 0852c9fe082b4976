import type { Principal } from '@aquifer/engine'
import { identityOf } from '../authorization/access.js'
import type { Call, Reply } from '../operation.js'
import { S3Error } from '../s3-error.js'
import { element, text } from '../wire/xml-out.js'
import { tokenDocument } from './token-documents.js'

/** There is one account, and it has no number. */
const ACCOUNT = '000000000000'

/** As policies name it. */
export function arnOf({ kind, name }: Pick<Principal, 'kind' | 'name'>): string {
  if (kind === 'root') return 'arn:aws:iam:::root'
  return kind === 'federated' ? `arn:aws:sts:::federated-user/${name}` : `arn:aws:iam:::user/${name}`
}

export const assumedRoleElement = (arn: string, id: string, sessionName: string): string =>
  element('AssumedRoleUser', text('Arn', arn), text('AssumedRoleId', `${id}:${sessionName}`))

/**
 * Who signed: every key may ask that of itself.
 *
 * @see STS API Reference, GetCallerIdentity.
 */
export async function getCallerIdentity({ principal, requestId }: Call): Promise<Reply> {
  if (principal.anonymous) throw new S3Error('AccessDenied', 'GetCallerIdentity is signed by somebody.')
  const identity = identityOf(principal)
  const facts = [text('Arn', arnOf(identity)), text('UserId', identity.id), text('Account', ACCOUNT)]
  return { status: 200, body: tokenDocument('GetCallerIdentity', requestId, ...facts) }
}
