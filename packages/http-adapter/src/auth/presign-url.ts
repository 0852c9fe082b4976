import { ALGORITHM, canonicalQuery, canonicalRequest, stringToSign } from './canonical-request.js'
import type { QueryParameter } from './request-target.js'
import { formatIsoBasic } from './request-time.js'
import { SigningKeys, scopeText, sign } from './signing-keys.js'

export interface PresignOptions {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly region: string
  readonly expiresSeconds: number
  /** Milliseconds since 1970. */
  readonly nowMs: number
}

/**
 * A URL by which anyone can GET what it names until it expires, by Signature Version 4.
 *
 * @param origin Scheme and host, such as `http://127.0.0.1:9000`.
 * @param path Already encoded, as it is to be sent.
 */
export function presignUrl(
  { origin, path, query }: { origin: string; path: string; query: readonly (readonly [string, string])[] },
  { accessKeyId, secretAccessKey, sessionToken, region, expiresSeconds, nowMs }: PresignOptions,
): string {
  const timestamp = formatIsoBasic(nowMs)
  const scope = { date: timestamp.slice(0, 8), region, service: 's3' }
  const parameters = [
    ...query,
    ['X-Amz-Algorithm', ALGORITHM],
    ['X-Amz-Credential', `${accessKeyId}/${scopeText(scope)}`],
    ['X-Amz-Date', timestamp],
    ['X-Amz-Expires', String(expiresSeconds)],
    ['X-Amz-SignedHeaders', 'host'],
    ...(sessionToken === undefined ? [] : [['X-Amz-Security-Token', sessionToken]]),
  ].map(([name = '', value = '']): QueryParameter => {
    const [encodedName, encodedValue] = [encode(name), encode(value)]
    return { name, value, encodedName, encodedValue }
  })
  const signed = canonicalQuery(parameters)
  const canonical = canonicalRequest({
    method: 'GET',
    path,
    query: signed,
    headers: new Map(),
    host: new URL(origin).host,
    signedHeaders: ['host'],
    payloadHash: 'UNSIGNED-PAYLOAD',
  })
  const key = new SigningKeys().get(accessKeyId, secretAccessKey, scope)
  const signature = sign(key, stringToSign(canonical, timestamp, scopeText(scope)))
  return `${origin}${path}?${signed}&X-Amz-Signature=${signature}`
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  )
