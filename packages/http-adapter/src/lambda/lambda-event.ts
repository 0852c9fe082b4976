import { createHash, randomBytes } from 'node:crypto'
import { presignUrl } from '../auth/presign-url.js'
import { readTarget } from '../auth/request-target.js'
import { limits } from '../limits.js'
import type { Call } from '../operation.js'
import { S3Error } from '../s3-error.js'
import type { LambdaEvent } from './lambda.js'

/** What authenticates the caller is not the function's: it gets a URL of its own to read by. */
const WITHHELD: ReadonlySet<string> = new Set([
  'authorization',
  'x-amz-security-token',
  'x-amz-s3session-token',
])

/** Parameters of the question that belong to reading the stored object. */
const READING = [
  'versionId',
  'partNumber',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
] as const

export async function lambdaEvent(call: Call): Promise<LambdaEvent> {
  const { principal, received } = call
  const inputS3Url = await inputUrl(call)
  const { accessKeyId = '' } = principal
  return {
    protocolVersion: '',
    getObjectContext: {
      outputRoute: randomBytes(12).toString('base64url'),
      outputToken: createHash('sha256')
        .update(`${accessKeyId}${new URL(inputS3Url).search}`)
        .digest('hex'),
      inputS3Url,
    },
    userIdentity: {
      type: principal.anonymous ? 'Anonymous' : 'IAMUser',
      principalId: principal.ownerId,
      accessKeyId,
    },
    userRequest: { url: `${originOf(call)}${received.rawUrl}`, headers: headersOf(call) },
  }
}

/** With the caller's own rights: whoever may not read the object gets a URL that does not either. */
async function inputUrl(call: Call): Promise<string> {
  const { principal, query, settings, received } = call
  const path = readTarget(received.rawUrl).canonicalPath
  const asked = READING.flatMap((name) => {
    const value = query.get(name)
    return value === undefined ? [] : [[name, value] as const]
  })
  const origin = originOf(call)
  if (principal.accessKeyId === undefined) return plainUrl(`${origin}${path}`, asked)
  const credentials = await settings.lambda.credentials?.findCredentials(principal.accessKeyId)
  if (credentials === undefined)
    throw new S3Error(
      'NotImplemented',
      'Object Lambda needs keys that sign requests; this server has others.',
    )
  return presignUrl(
    { origin, path, query: asked },
    {
      accessKeyId: principal.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
      ...(credentials.sessionToken !== undefined && { sessionToken: credentials.sessionToken }),
      region: settings.region,
      expiresSeconds: limits.lambdaUrlExpiresSeconds,
      nowMs: settings.lambda.now(),
    },
  )
}

function plainUrl(url: string, query: readonly (readonly [string, string])[]): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of query) parameters.append(name, value)
  return parameters.size === 0 ? url : `${url}?${parameters}`
}

const originOf = ({ secure, host }: Call): string => `${secure ? 'https' : 'http'}://${host}`

function headersOf({ received }: Call): Record<string, string[]> {
  const headers: Record<string, string[]> = Object.create(null)
  for (const [name, value] of received.rawHeaders) {
    if (WITHHELD.has(name.toLowerCase())) continue
    headers[name] ??= []
    headers[name].push(value)
  }
  return headers
}
