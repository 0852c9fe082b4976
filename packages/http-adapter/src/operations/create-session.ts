import { zoneOfBucketName } from '@aquifer/engine'
import { identityOf } from '../authorization/access.js'
import type { Operation } from '../operation.js'
import { invalidArgument } from '../s3-error.js'
import { refuseUnhonoured } from '../wire/unhonoured-headers.js'
import { date, element, text, xmlDocument } from '../wire/xml-out.js'

const modes = new Map([
  ['ReadOnly', 'read-only'],
  ['ReadWrite', 'read-write'],
] as const)

/**
 * In S3 Express mode every bucket has sessions, whatever its name. SDKs that were given an endpoint of their own ask for
 * one even before they create a directory bucket, which they do in it: whoever may make the bucket gets it.
 */
export const createSession: Operation = async (call) => {
  const { engine, target, headers, principal, rights, signal } = call
  refuseUnhonoured(headers)
  const asked = headers.get('x-amz-create-session-mode') ?? 'ReadWrite'
  const mode = modes.get(asked as 'ReadOnly')
  if (mode === undefined)
    throw invalidArgument('A session is ReadOnly or ReadWrite.', 'x-amz-create-session-mode', asked)
  const session = await engine.identities.createSession(identityOf(principal), {
    bucket: target.bucket,
    mode,
    isToBeMade:
      zoneOfBucketName(target.bucket) !== undefined && (await rights.may('s3:CreateBucket', target)),
    signal,
  })
  return {
    status: 200,
    headers: { 'cache-control': 'no-store' },
    body: xmlDocument(
      'CreateSessionResult',
      element(
        'Credentials',
        text('SessionToken', session.sessionToken),
        text('SecretAccessKey', session.secretAccessKey),
        text('AccessKeyId', session.accessKeyId),
        date('Expiration', session.expiresAt),
      ),
    ),
  }
}
