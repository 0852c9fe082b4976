import type { Lambda, Lambdas } from '@aquifer/http-adapter'
import { OutgoingCalls, OutgoingError } from '@aquifer/targets'
import { clientCertificate } from './client-certificate.js'
import { CommandFailure } from './failure.js'
import { lambdaWebhookVariables, numberedVariables } from './settings/numbered-variables.js'
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
    if (/^(off|false|no|0)$/i.test(variables.ENABLE ?? '')) continue
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
  try {
    calls.checkUrl(endpoint)
  } catch (error) {
    if (!(error instanceof OutgoingError)) throw error
    const remedy =
      error.code === 'AddressNotAllowed'
        ? 'Allow it by AQUIFER_ALLOW_CALLS_TO, which takes addresses and CIDR blocks.'
        : 'It says where the webhook is, as in http://functions.internal/upper.'
    throw new CommandFailure('usage', `${variable('ENDPOINT')}: ${error.message}`, remedy)
  }
  return {
    async invoke(event, { signal }) {
      return await calls.request(endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: token.includes(' ') ? token : `Bearer ${token}` }),
        },
        body: Buffer.from(JSON.stringify(event)),
        signal,
        // The server's own patience with a function ends sooner, and says so to the reader.
        idleTimeoutMs: 24 * 60 * 60 * 1_000,
      })
    },
  }
}
