import { z } from 'zod'
import { serveSettings } from './serve-settings.js'
import type { SettingsOf, SettingsTable } from './setting.js'

const { domain, region, publicUrl, trustedProxy, basePath, signatureV2, rootAccessKey, rootSecretKey } =
  serveSettings
const file = z.string().min(1, 'must name a file').optional()

/** Every setting of `aquifer explain-signature`. What it shares with the server is the server's own row. */
export const explainSettings = {
  request: {
    argument: '[file]',
    help: 'the request: its line and headers, or what curl -v printed; standard input by default',
    schema: file,
  },
  canonicalRequest: {
    value: '<file>',
    help: "the client's own canonical request, or the debug log that holds it",
    schema: file,
  },
  received: {
    value: '<time>',
    help: 'when the server received it; by default as curl -v shows it, else now',
    schema: z
      .string()
      .refine((text) => !Number.isNaN(Date.parse(text)), 'must be a time, such as 2026-11-23T12:00:00Z')
      .transform((text) => new Date(text))
      .optional(),
  },
  remoteAddress: {
    value: '<address>',
    help: 'the address it came from, which --trusted-proxy is compared with',
    schema: z.union([z.ipv4(), z.ipv6()], 'must be an IP address').optional(),
  },
  directory: {
    value: '<dir>',
    help: 'data directory, whose root-credentials hold the secret',
    default: serveSettings.directory.default,
    schema: serveSettings.directory.schema,
  },
  domain,
  region,
  publicUrl,
  trustedProxy,
  basePath,
  signatureV2,
  rootAccessKey,
  rootSecretKey,
} satisfies SettingsTable

export type ExplainSettings = SettingsOf<typeof explainSettings>
