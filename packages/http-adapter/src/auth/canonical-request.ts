import { hash } from 'node:crypto'
import type { HeaderMap } from './request-headers.js'
import type { QueryParameter } from './request-target.js'

export const ALGORITHM = 'AWS4-HMAC-SHA256'

export interface CanonicalParts {
  readonly method: string
  /** Already in canonical form, or as sent when that is what is tried. */
  readonly path: string
  readonly query: string
  readonly headers: HeaderMap
  /** Stands in for the `host` header received. */
  readonly host: string
  /** Names in the order the client lists them. */
  readonly signedHeaders: readonly string[]
  readonly payloadHash: string
}

/**
 * The text whose hash is signed, one character a byte. Source: S3 API Reference, "Signature calculations for the
 * Authorization header": no dot segments are removed and nothing is encoded twice.
 */
export function canonicalRequest(parts: CanonicalParts): string {
  const { method, path, query, headers, host, signedHeaders, payloadHash } = parts
  let lines = ''
  for (const name of signedHeaders) {
    const value = name === 'host' ? host : (headers.get(name) ?? '')
    lines += `${name}:${value.includes('  ') ? value.replace(/ {2,}/g, ' ') : value}\n`
  }
  return `${method}\n${path}\n${query}\n${lines}\n${signedHeaders.join(';')}\n${payloadHash}`
}

/** Sorted by encoded name, then value, by byte. The signature itself is left out; nothing else is. */
export function canonicalQuery(parameters: readonly QueryParameter[]): string {
  if (parameters.length === 0) return ''
  return parameters
    .filter(({ name }) => name !== 'X-Amz-Signature')
    .sort((a, b) => compare(a.encodedName, b.encodedName) || compare(a.encodedValue, b.encodedValue))
    .map(({ encodedName, encodedValue }) => `${encodedName}=${encodedValue}`)
    .join('&')
}

// Encoded text is ASCII, so that JavaScript's order of code units is the order of bytes.
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export function stringToSign(canonical: string, timestamp: string, scope: string): string {
  const digest = hash('sha256', Buffer.from(canonical, 'latin1'), 'hex')
  return `${ALGORITHM}\n${timestamp}\n${scope}\n${digest}`
}
