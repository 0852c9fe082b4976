import { OutgoingCalls, WebhookTarget } from '@aquifer/targets'
import { clientCertificate } from '../client-certificate.js'
import { withOutgoingUrl } from '../outgoing-url.js'
import { type Asked, required, type Surroundings } from './event-targets.js'

export function webhook(asked: Asked<'webhook'>, { allowed, message }: Surroundings): WebhookTarget {
  const { fields, variable } = asked
  const url = required(asked, 'ENDPOINT', 'It says where events are posted to.')
  const { AUTH_TOKEN: authToken, CLIENT_CERT: cert, CLIENT_KEY: key } = fields
  const calls = new OutgoingCalls({ allowed, ...clientCertificate({ cert, key }, variable) })
  const means = 'It says where events are posted to, as in http://search.internal/events.'
  const make = () => new WebhookTarget({ ...message, url, calls, ...(authToken && { authToken }) })
  return withOutgoingUrl(variable('ENDPOINT'), means, make)
}
