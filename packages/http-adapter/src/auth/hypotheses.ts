import { hash } from 'node:crypto'
import type { CanonicalParts } from './canonical-request.js'
import type { RequestTarget } from './request-target.js'

/** Something a client or a proxy commonly does, and the canonical request that would come of it. */
export interface Hypothesis {
  /** What to tell the person who asks. */
  readonly because: string
  readonly parts: CanonicalParts
}

/** Each departs from `parts` in one way. Source: the questions that users of S3 servers ask. */
export function* hypotheses(parts: CanonicalParts, target: RequestTarget): Generator<Hypothesis> {
  for (const [host, because] of otherHosts(parts.host)) yield { because, parts: { ...parts, host } }
  for (const [path, because] of otherPaths(parts.path, target.rawPath))
    yield { because, parts: { ...parts, path } }
  for (const [query, because] of otherQueries(parts.query, target))
    yield { because, parts: { ...parts, query } }
  for (const [payloadHash, because] of otherHashes) yield { because, parts: { ...parts, payloadHash } }
  for (const method of ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'])
    yield { because: `the client signed the method ${method}`, parts: { ...parts, method } }
  yield* otherHeaders(parts)
}

type Variants = readonly (readonly [value: string, because: string])[]

const PORTS = ['', ':80', ':443', ':8080', ':8443', ':9000']

function otherHosts(host: string): Variants {
  const name = host.replace(/:\d*$/, '')
  return ['', name.toLowerCase(), 'localhost', '127.0.0.1'].flatMap((other) =>
    [host.slice(name.length), ...PORTS].map((port) => {
      const signed = (other || name) + port
      return [
        signed,
        `the client signed the host ${signed}: let the proxy keep the Host header, or set the public URL`,
      ] as const
    }),
  )
}

function otherPaths(path: string, rawPath: string): Variants {
  const [, bucket = ''] = path.split('/', 2)
  return [
    [
      path.replaceAll('%', '%25'),
      'the client encoded the path twice, as other AWS services want it and S3 does not',
    ],
    [
      rawPath.replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
      'the client signed the path without encoding it',
    ],
    [path.replace(/\/{2,}/g, '/'), 'the client signed the path with its doubled slashes made one'],
    [withoutDotSegments(path), 'the client signed the path with its dot segments resolved'],
    [path.replaceAll('%20', '+'), 'the client signed spaces in the path as plus signs'],
    [
      path.endsWith('/') ? path.slice(0, -1) : `${path}/`,
      'the client signed the path with, or without, a slash at its end',
    ],
    [
      path.slice(bucket.length + 1) || '/',
      'the client signed for virtual-host addressing, but sent the bucket in the path',
    ],
  ]
}

/** By setting the path, which cannot fail: of `/\…` in a whole URL, the text behind it would be read as a host. */
function withoutDotSegments(path: string): string {
  const url = new URL('http://host')
  url.pathname = path
  return url.pathname
}

function otherQueries(query: string, { parameters }: RequestTarget): Variants {
  const sent = parameters.filter(({ name }) => name !== 'X-Amz-Signature')
  return [
    [
      sent.map(({ encodedName, encodedValue }) => `${encodedName}=${encodedValue}`).join('&'),
      'the client did not sort the query',
    ],
    [
      query.replaceAll('%20', '%2B'),
      'the client signed a plus in the query that arrived unencoded, which means a space',
    ],
    [query.replaceAll('%20', '+'), 'the client signed spaces in the query as plus signs'],
    [query.replaceAll('%2F', '/'), 'the client left slashes in the query unencoded'],
    ['', 'the client did not sign the query'],
  ]
}

const otherHashes: Variants = [
  ['UNSIGNED-PAYLOAD', 'the client signed UNSIGNED-PAYLOAD, but sent another x-amz-content-sha256'],
  [
    hash('sha256', '', 'hex'),
    'the client signed the hash of an empty body, but sent another x-amz-content-sha256',
  ],
  [
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'the client signed for chunks, but sent another x-amz-content-sha256',
  ],
  [
    'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'the client signed for a trailer, but sent another x-amz-content-sha256',
  ],
]

/** Headers that proxies and HTTP libraries change or drop, with what clients commonly sign there. */
const CHANGEABLE: readonly (readonly [name: string, values: readonly string[]])[] = [
  ['accept-encoding', ['identity', 'gzip', 'gzip, deflate', 'gzip, deflate, br', '']],
  ['expect', ['100-continue', '']],
  ['connection', ['keep-alive', 'Keep-Alive', 'close', '']],
  ['content-length', ['0', '']],
  [
    'content-type',
    ['application/octet-stream', 'binary/octet-stream', 'application/x-www-form-urlencoded', ''],
  ],
  ['transfer-encoding', ['chunked', '']],
  ['user-agent', ['']],
  ['te', ['trailers', '']],
]

function* otherHeaders(parts: CanonicalParts): Generator<Hypothesis> {
  for (const [name, values] of CHANGEABLE) {
    if (!parts.signedHeaders.includes(name)) continue
    for (const value of values)
      yield {
        because: `the client signed ${name}: ${value === '' ? 'as empty' : `"${value}"`}, and something on the way changed it`,
        parts: { ...parts, headers: new Map(parts.headers).set(name, value) },
      }
  }
}
