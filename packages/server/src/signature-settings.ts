import type { S3HandlerOptions } from '@aquifer/http-adapter'
import type { ServeSettings } from './settings/serve-settings.js'

export type SignatureSettings = Pick<
  ServeSettings,
  'region' | 'domain' | 'publicUrl' | 'trustedProxy' | 'basePath' | 'signatureV2'
>

/** What decides whether a signature holds, as the adapter takes it: the same to serve and to explain. */
export const signatureSettings = ({ publicUrl, ...settings }: SignatureSettings) =>
  ({
    region: settings.region,
    domains: settings.domain,
    ...(publicUrl === '' ? {} : { publicUrl }),
    trustedProxies: settings.trustedProxy,
    basePath: settings.basePath,
    signatureV2: settings.signatureV2,
  }) satisfies Partial<S3HandlerOptions>
