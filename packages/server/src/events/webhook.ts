import { OutgoingCalls, OutgoingError, WebhookTarget } from '@aquifer/targets'
import { clientCertificate } from '../client-certificate.js'
import { CommandFailure } from '../failure.js'
import { type Asked, required, type Surroundings } from './event-targets.js'

export function webhook(asked: Asked<'webhook'>, { allowed, message }: Surroundings): WebhookTarget {
  const { fields, variable } = asked
  const url = required(asked, 'ENDPOINT', 'It says where events are posted to.')
  const { AUTH_TOKEN: authToken, CLIENT_CERT: cert, CLIENT_KEY: key } = fields
  const calls = new OutgoingCalls({ allowed, ...clientCertificate({ cert, key }, variable) })
  try {
    return new WebhookTarget({ ...message, url, calls, ...(authToken && { authToken }) })
  } catch (error) {
    if (!(error instanceof OutgoingError)) throw error
    const remedy =
      error.code === 'AddressNotAllowed'
        ? 'Allow it by AQUIFER_ALLOW_CALLS_TO, which takes addresses and CIDR blocks.'
        : 'It says where events are posted to, as in http://search.internal/events.'
    throw new CommandFailure('usage', `${variable('ENDPOINT')}: ${error.message}`, remedy)
  }
}
