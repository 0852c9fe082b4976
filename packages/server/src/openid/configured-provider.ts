import type { WebIdentityProvider } from '@aquifer/http-adapter'
import { OutgoingCalls } from '@aquifer/targets'
import { CommandFailure } from '../failure.js'
import type { Log } from '../log.js'
import { withOutgoingUrl } from '../outgoing-url.js'
import type { ServeSettings } from '../settings/serve-settings.js'
import { openidProvider } from './openid-provider.js'
import { ProviderKeys } from './provider-keys.js'

type Settings = Pick<
  ServeSettings,
  | 'identityOpenidJwksUrl'
  | 'identityOpenidIssuer'
  | 'identityOpenidClientId'
  | 'identityOpenidClaimName'
  | 'allowCallsTo'
>

const DOCUMENT_MAX_BYTES = 256 * 1024
const TIMEOUT_MS = 10_000

/**
 * The provider of identities whose tokens are taken, if one is configured.
 *
 * @throws {@link CommandFailure} `usage`, where it is configured in part, or its keys are where calls do not go.
 */
export function configuredProvider(settings: Settings, log: Log): WebIdentityProvider | undefined {
  const { identityOpenidJwksUrl: url, identityOpenidIssuer: issuer } = settings
  const { identityOpenidClientId: clientId, identityOpenidClaimName: claimName } = settings
  const given = [url, issuer, clientId].filter((text) => text !== '').length
  if (given === 0) return undefined
  if (given < 3)
    throw new CommandFailure(
      'usage',
      'Only some of AQUIFER_IDENTITY_OPENID_JWKS_URL, _ISSUER and _CLIENT_ID are set.',
      'Set all three, or none.',
    )
  const calls = new OutgoingCalls({ allowed: settings.allowCallsTo })
  const means = 'It says where the keys of the provider are, as in https://id.example.com/keys.'
  withOutgoingUrl('AQUIFER_IDENTITY_OPENID_JWKS_URL', means, () => calls.checkUrl(url))
  // What stands behind its path may be a secret, as some providers have it.
  const { origin, pathname } = new URL(url)
  const shown = origin + pathname
  const keys = new ProviderKeys({
    fetchDocument: () => fetchDocument(calls, url),
    onFailure: (error) =>
      log.warn({ err: error, url: shown }, 'the keys of the provider of identities cannot be had'),
  })
  return openidProvider({ keys, issuer, clientId, claimName })
}

async function fetchDocument(calls: OutgoingCalls, url: string): Promise<unknown> {
  const answer = await calls.request(url, {
    method: 'GET',
    headers: { accept: 'application/json' },
    idleTimeoutMs: TIMEOUT_MS,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  if (answer.status !== 200) {
    answer.discard()
    throw new Error(`It answered ${answer.status}.`)
  }
  return JSON.parse(Buffer.from(await answer.bytes(DOCUMENT_MAX_BYTES)).toString())
}
