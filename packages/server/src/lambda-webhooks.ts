import type { Lambda, Lambdas } from '@aquifer/http-adapter'
import { authorizationOf, OutgoingCalls } from '@aquifer/targets'
import { clientCertificate } from './client-certificate.js'
import { CommandFailure } from './failure.js'
import { withOutgoingUrl } from './outgoing-url.js'
import { isSwitchedOff, lambdaWebhookVariables, numberedVariables } from './settings/numbered-variables.js'
import type { Environment } from './settings/read-settings.js'

type Variables = { readonly [F in (typeof lambdaWebhookVariables.fields)[number]]?: string }

/**
 * The functions behind Object Lambda that the environment names, each a webhook:
 * `AQUIFER_LAMBDA_WEBHOOK_ENDPOINT_ID` answers to `arn:minio:s3-object-lambda::ID:webhook`.
 *
 * @param allowed Blocks of addresses of this machine that webhooks may be at.
 * @throws {@link CommandFailure} `usage`, naming the variable.
 */
export function lambdaWebhooks(environment: Environment, allowed: readonly string[]): Lambdas {
  const lambdas = new Map<string, Lambda>()
  for (const [id, variables] of numberedVariables(lambdaWebhookVariables, environment)) {
    if (isSwitchedOff(variables.ENABLE)) continue
    lambdas.set(`${id}:webhook`, webhook(id, variables, allowed))
  }
  return lambdas
}

function webhook(id: string, variables: Variables, allowed: readonly string[]): Lambda {
  const { ENDPOINT: endpoint, AUTH_TOKEN: token } = variables
  const variable = (field: string) => `AQUIFER_LAMBDA_WEBHOOK_${field}_${id}`
  if (endpoint === undefined)
    throw new CommandFailure('usage', `${variable('ENDPOINT')} is missing.`, 'It says where the webhook is.')
  const calls = new OutgoingCalls({
    allowed,
    ...clientCertificate({ cert: variables.CLIENT_CERT, key: variables.CLIENT_KEY }, variable),
  })
  const means = 'It says where the webhook is, as in http://functions.internal/upper.'
  withOutgoingUrl(variable('ENDPOINT'), means, () => calls.checkUrl(endpoint))
  return {
    async invoke(event, { signal }) {
      return await calls.request(endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: authorizationOf(token) }),
        },
        body: Buffer.from(JSON.stringify(event)),
        signal,
        // The server's own patience with a function ends sooner, and says so to the reader.
        idleTimeoutMs: 24 * 60 * 60 * 1_000,
      })
    },
  }
}
