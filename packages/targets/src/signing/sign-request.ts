import { createHash, createHmac } from 'node:crypto'

export interface SigningKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

export interface RequestToSign {
  readonly method: string
  readonly host: string
  /** As it is sent: escaped by {@link escapeUri}. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** By lower-case name; one character a byte. All are signed. */
  readonly headers?: Readonly<Record<string, string>>
  /** Vouched for by its SHA-256; `'unsigned'` is vouched for by nothing of the signature. @defaultValue none */
  readonly body?: Uint8Array | 'unsigned'
}

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/**
 * The headers of a request that is signed by Signature Version 4, without `host`, which whoever sends it writes.
 *
 * @see Amazon S3 API Reference, "Authenticating Requests (AWS Signature Version 4)".
 */
export function signRequest(
  { method, host, path, query = {}, headers = {}, body = new Uint8Array(0) }: RequestToSign,
  { accessKeyId, secretAccessKey, sessionToken }: SigningKey,
  { region, now }: { region: string; now: Date },
): Record<string, string> {
  const timestamp = now.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = timestamp.slice(0, 8)
  const payload = body === 'unsigned' ? 'UNSIGNED-PAYLOAD' : sha256(body)
  const sent: Record<string, string> = {
    ...headers,
    'x-amz-content-sha256': payload,
    'x-amz-date': timestamp,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  }
  const signed: Record<string, string> = { ...sent, host }
  const names = Object.keys(signed).sort()
  const lines = names.map((name) => `${name}:${canonicalValue(signed[name]!)}\n`).join('')
  const list = names.join(';')
  const canonical = [method, path, queryText(query), lines, list, payload].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', timestamp, scope, sha256(Buffer.from(canonical, 'latin1'))].join('\n')
  const key = [region, 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${secretAccessKey}`, day))
  const credential = `Credential=${accessKeyId}/${scope}`
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${list}, Signature=${hmac(key, text).toString('hex')}`,
  }
}

/** Without blanks around it. `trim` would take bytes too that are the tails of letters such as "à". */
const canonicalValue = (value: string): string => value.replace(/^[ \t]+|[ \t]+$/g, '').replace(/ {2,}/g, ' ')

/** A query as it is signed and sent: escaped, and sorted by name. */
export const queryText = (query: Readonly<Record<string, string>>): string =>
  Object.keys(query)
    .map((name) => [escapeUri(name), escapeUri(query[name]!)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&')

/** All but what RFC 3986 calls unreserved, as the signature wants it. */
export const escapeUri = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  )
