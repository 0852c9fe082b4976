// A client that signs, written from the published rules and sharing no code with the adapter, so that a mistake in
// one is not hidden by the same mistake in the other. It hands out the body's frames apart, for tests to alter.
import { createHash, createHmac } from 'node:crypto'

export type PayloadKind =
  | 'hashed'
  | 'unsigned'
  | 'unsigned-chunked'
  | 'unsigned-chunked-trailer'
  | 'signed-chunked'
  | 'signed-chunked-trailer'

export interface Signer {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region?: string
  readonly service?: string
  readonly sessionToken?: string
}

export interface ToSign {
  readonly form: 'header' | 'query'
  readonly method: string
  readonly host: string
  /** As it goes over the wire. */
  readonly path: string
  readonly query?: readonly (readonly [string, string])[]
  /** All of them are signed. */
  readonly headers?: Readonly<Record<string, string>>
  readonly unsignedHeaders?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly payload: PayloadKind
  /** The hash is signed and not sent, as clients of other services than S3 do. */
  readonly isHashUnstated?: boolean
  readonly trailer?: readonly [name: string, value: string]
  readonly chunkBytes?: number
  readonly date: Date
  readonly expiresSeconds?: number
}

export interface SignedMessage {
  readonly method: string
  readonly rawUrl: string
  readonly headers: [string, string][]
  /** The body as sent: for a framed one, each chunk, then the last with its trailer. */
  readonly frames: Buffer[]
  readonly canonicalRequest: string
  readonly signature: string
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

const CONTENT_SHA256 = {
  unsigned: 'UNSIGNED-PAYLOAD',
  'unsigned-chunked': 'UNSIGNED-PAYLOAD',
  'unsigned-chunked-trailer': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'signed-chunked': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'signed-chunked-trailer': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
}

export function signMessage(signer: Signer, what: ToSign): SignedMessage {
  const body = what.body ?? new Uint8Array(0)
  const contentSha256 = what.payload === 'hashed' ? sha256(body) : CONTENT_SHA256[what.payload]
  const timestamp = what.date.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const scope = [timestamp.slice(0, 8), signer.region ?? 'us-east-1', signer.service ?? 's3', 'aws4_request']
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${signer.secretAccessKey}`) as Buffer

  const headers: Record<string, string> = { host: what.host, ...what.headers }
  const inQuery = what.form === 'query'
  if (what.payload.includes('chunked')) headers['x-amz-decoded-content-length'] = String(body.byteLength)
  if (what.payload === 'unsigned-chunked') headers['content-encoding'] = 'aws-chunked'
  if (what.trailer !== undefined) headers['x-amz-trailer'] = what.trailer[0]
  if ((!inQuery || what.payload !== 'unsigned') && !what.isHashUnstated)
    headers['x-amz-content-sha256'] = contentSha256
  if (!inQuery) headers['x-amz-date'] = timestamp
  if (!inQuery && signer.sessionToken !== undefined) headers['x-amz-security-token'] = signer.sessionToken
  const signedHeaders = Object.keys(headers).sort()

  const query = [...(what.query ?? [])]
  if (inQuery) {
    query.push(
      ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
      ['X-Amz-Credential', [signer.accessKeyId, ...scope].join('/')],
      ['X-Amz-Date', timestamp],
      ['X-Amz-Expires', String(what.expiresSeconds ?? 3600)],
      ['X-Amz-SignedHeaders', signedHeaders.join(';')],
    )
    if (signer.sessionToken !== undefined) query.push(['X-Amz-Security-Token', signer.sessionToken])
  }
  const canonicalRequest = [
    what.method,
    what.path,
    query
      .map((pair) => pair.map(encode) as [string, string])
      .sort(([a, x], [b, y]) => (a === b ? order(x, y) : order(a, b)))
      .map((pair) => pair.join('='))
      .join('&'),
    ...signedHeaders.map((name) => `${name}:${headers[name]!.trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    contentSha256,
  ].join('\n')
  const signature = hmac(
    key,
    ['AWS4-HMAC-SHA256', timestamp, scope.join('/'), sha256(canonicalRequest)].join('\n'),
  ).toString('hex')
  if (inQuery) query.push(['X-Amz-Signature', signature])

  const frames = makeFrames(what, body, { key, timestamp, scope: scope.join('/'), signature })
  const sent: [string, string][] = Object.entries({ ...headers, ...what.unsignedHeaders }).map(
    ([name, value]) => [name, Buffer.from(value).toString('latin1')],
  )
  if (headers['content-length'] === undefined)
    sent.push(['content-length', String(frames.reduce((sum, { byteLength }) => sum + byteLength, 0))])
  if (!inQuery)
    sent.push([
      'authorization',
      `AWS4-HMAC-SHA256 Credential=${[signer.accessKeyId, ...scope].join('/')}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`,
    ])
  const text = query.map((pair) => pair.map(encode).join('=')).join('&')
  return {
    method: what.method,
    rawUrl: text === '' ? what.path : `${what.path}?${text}`,
    headers: sent,
    frames,
    canonicalRequest,
    signature,
  }
}

interface Chain {
  readonly key: Buffer
  readonly timestamp: string
  readonly scope: string
  readonly signature: string
}

function makeFrames(what: ToSign, body: Uint8Array, chain: Chain): Buffer[] {
  if (!what.payload.includes('chunked')) return [Buffer.from(body)]
  const signed = what.payload.startsWith('signed')
  let former = chain.signature
  const link = (kind: string, ...rest: string[]): string => {
    former = hmac(
      chain.key,
      [`AWS4-HMAC-SHA256-${kind}`, chain.timestamp, chain.scope, former, ...rest].join('\n'),
    ).toString('hex')
    return former
  }
  const head = (data: Uint8Array): string => {
    const size = data.byteLength.toString(16)
    return signed ? `${size};chunk-signature=${link('PAYLOAD', sha256(''), sha256(data))}\r\n` : `${size}\r\n`
  }
  const frames: Buffer[] = []
  const chunkBytes = what.chunkBytes ?? 64 * 1024
  for (let at = 0; at < body.byteLength; at += chunkBytes) {
    const data = body.subarray(at, at + chunkBytes)
    frames.push(Buffer.concat([Buffer.from(head(data)), data, Buffer.from('\r\n')]))
  }
  let last = head(new Uint8Array(0))
  if (what.trailer !== undefined) last += `${what.trailer.join(':')}\r\n`
  if (what.payload === 'signed-chunked-trailer')
    last += `x-amz-trailer-signature:${link('TRAILER', sha256(`${what.trailer!.join(':')}\n`))}\r\n`
  frames.push(Buffer.from(`${last}\r\n`))
  return frames
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
