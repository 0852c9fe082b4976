import type { TemporaryCredentials } from '@aquifer/engine'
import type { Problem } from '../error-document.js'
import { type S3Code, statusOf } from '../status.js'
import { date, documentIn, element, text } from '../wire/xml-out.js'

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'

/** The answer of an action. @see STS API Reference. */
export const tokenDocument = (action: string, requestId: string, ...result: readonly string[]): string =>
  documentIn(
    NAMESPACE,
    `${action}Response`,
    element(`${action}Result`, ...result),
    element('ResponseMetadata', text('RequestId', requestId)),
  )

export const credentialsElement = ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  expiresAt,
}: TemporaryCredentials): string =>
  element(
    'Credentials',
    text('AccessKeyId', accessKeyId),
    text('SecretAccessKey', secretAccessKey),
    text('SessionToken', sessionToken),
    date('Expiration', expiresAt),
  )

/** What S3 and the engine call otherwise than this service does. */
const codeOf: Readonly<Record<string, S3Code>> = {
  __proto__: null as never,
  InvalidAccessKeyId: 'InvalidClientTokenId',
  InvalidArgument: 'InvalidParameterValue',
  MalformedPolicy: 'MalformedPolicyDocument',
  PolicyTooLarge: 'InvalidParameterValue',
  InvalidToken: 'InvalidClientTokenId',
}

/** A problem as this service tells it. */
export function tokenProblem(problem: Problem): Problem {
  const code = codeOf[problem.code]
  return code === undefined ? problem : { ...problem, code, status: statusOf[code] }
}

export const tokenErrorDocument = ({ code, status, message }: Problem, requestId: string): string =>
  documentIn(
    NAMESPACE,
    'ErrorResponse',
    element(
      'Error',
      text('Type', status < 500 ? 'Sender' : 'Receiver'),
      text('Code', code),
      text('Message', message),
    ),
    text('RequestId', requestId),
  )
